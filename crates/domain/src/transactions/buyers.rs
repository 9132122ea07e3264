//! The customers of the sales of one call: looked up, created, and no longer leads once they have bought.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::{
    prelude::*,
    sql_types::{Array, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, TypedId};

use super::{
    input::Checked,
    record::{Buyer, Recorded, distinct_keys},
    referrals::Referred,
};
use crate::{
    act::Act,
    customers::{Customer, CustomerRow, CustomerStatus, count_signups, insert_missing},
    deltas::Deltas,
    events,
    prepared::Prepare,
    programs::Program,
    schema::customers,
    text::FieldProblem,
};

/// Buyers by the caller's key.
pub(super) type Known = HashMap<String, Buyer>;

type Said = [Result<Checked, Vec<FieldProblem>>];

/// Those of the call's customers that exist.
pub(super) async fn known(
    conn: &mut AsyncPgConnection,
    program: &Program,
    said: &Said,
) -> QueryResult<Known> {
    find(conn, program, &distinct_keys(said)).await
}

async fn find(conn: &mut AsyncPgConnection, program: &Program, keys: &[&str]) -> QueryResult<Known> {
    if keys.is_empty() {
        return Ok(Known::new());
    }
    let rows: Vec<(String, CustomerId, CustomerStatus)> = customers::table
        .filter(customers::program_id.eq(program.id))
        .filter(customers::key.eq_any(keys))
        .select((customers::key, customers::id, customers::status))
        .load(conn)
        .await?;
    let buyer = |(key, id, status)| (key, Buyer { id, is_lead: status == CustomerStatus::Lead });
    Ok(rows.into_iter().map(buyer).collect())
}

/// Creates the missing buyers of these sales, in the order of their keys, and counts them; answers who they are. Who is referred
/// signed up with the sale that says so, and is attributed by the caller.
pub(super) async fn create_missing(
    conn: &mut AsyncPgConnection,
    program: &Program,
    news: &[&Checked],
    referred: &Referred<'_>,
    (known, deltas): (&mut Known, &mut Deltas),
    act: &Act,
) -> QueryResult<HashSet<CustomerId>> {
    let keys: BTreeSet<&str> = news.iter().map(|new| new.customer_key.as_str()).collect();
    let missing: Vec<&str> = keys.into_iter().filter(|key| !known.contains_key(*key)).collect();
    if missing.is_empty() {
        return Ok(HashSet::new());
    }
    let row = |key: &&str| CustomerRow {
        id: act.ids.next(act.now),
        account_id: program.account_id,
        program_id: program.id,
        key: (*key).to_owned(),
        email: None,
        name: None,
        country: None,
        tags: Vec::new(),
        status: CustomerStatus::Active,
        signed_up_at: referred.get(key).map_or(act.now, |(_, at)| *at),
        confirmed_at: Some(act.now),
        created_at: act.now,
        updated_at: act.now,
    };
    let rows: Vec<_> = missing.iter().map(row).collect();
    let partner = |row: &CustomerRow| Some((row.id, referred.get(row.key.as_str())?.0.partner_id));
    let made = insert_missing(conn, &rows, &rows.iter().filter_map(partner).collect(), act).await?;
    let ids = made.iter().map(|made| made.id).collect();
    count_signups(deltas, program, &made);
    known.extend(made.into_iter().map(|made| (made.key, Buyer { id: made.id, is_lead: false })));
    // Whoever is still missing was created by another call meanwhile.
    let others: Vec<&str> = missing.into_iter().filter(|key| !known.contains_key(*key)).collect();
    known.extend(find(conn, program, &others).await?);
    Ok(ids)
}

/// Leads who have bought become active.
pub(super) async fn activate(
    conn: &mut AsyncPgConnection,
    recorded: &Recorded,
    known: &Known,
    act: &Act,
) -> QueryResult<()> {
    let leads: Vec<uuid::Uuid> = known
        .values()
        .filter(|buyer| buyer.is_lead && recorded.values().any(|sale| sale.customer_id == buyer.id))
        .map(|buyer| buyer.id.uuid())
        .collect();
    if leads.is_empty() {
        return Ok(());
    }
    // Locked in the order of their keys, so that two calls never wait for each other in a circle.
    let changed: Vec<Customer> = diesel::sql_query(
        "UPDATE customers SET status = 'ACTIVE', updated_at = $2 WHERE id IN \
         (SELECT id FROM customers WHERE id = ANY($1) AND status = 'LEAD' ORDER BY key FOR NO KEY UPDATE) RETURNING *",
    )
    .bind::<Array<Uuid>, _>(leads)
    .bind::<Timestamptz, _>(act.now)
    .prepared()
    .get_results(conn)
    .await?;
    events::record(conn, act, &changed.iter().map(Customer::updated).collect::<Vec<_>>()).await
}

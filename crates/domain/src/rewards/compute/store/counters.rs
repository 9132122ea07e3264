use std::collections::BTreeMap;

use diesel::{
    QueryResult, sql_query,
    sql_types::{Jsonb, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::TypedId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    ledger::Owner,
    prepared::Prepare,
    programs::Program,
    rewards::{CapKey, Counted, Span, Within},
    terms::Period,
};

const TALLIES: &str = "\
    INSERT INTO reward_tallies (account_id, program_id, partner_id, period, start, signups, sales, customers, revenue) \
    SELECT $1, $2, t.partner_id, t.period, t.start, t.signups, t.sales, t.customers, t.revenue \
    FROM jsonb_to_recordset($3) AS t (partner_id uuid, period text, start date, signups bigint, sales bigint, \
        customers bigint, revenue text) \
    ON CONFLICT (account_id, partner_id, period, start) DO UPDATE SET signups = excluded.signups, sales = excluded.sales, \
        customers = excluded.customers, revenue = excluded.revenue";

const LIVE: &str = "\
    INSERT INTO reward_live_sales (account_id, program_id, customer_id, partner_id, period, start, sales) \
    SELECT $1, $2, t.customer_id, t.partner_id, t.period, t.start, t.sales \
    FROM jsonb_to_recordset($3) AS t (customer_id uuid, partner_id uuid, period text, start date, sales bigint) \
    ON CONFLICT (account_id, customer_id, partner_id, period, start) DO UPDATE SET sales = excluded.sales";

macro_rules! upsert_spending {
    ($net:literal) => {
        concat!(
            "INSERT INTO reward_spending (account_id, program_id, rule, beneficiary, customer, period, start, currency, net) \
             SELECT $1, $2, t.rule, t.beneficiary, t.customer, t.period, t.start, t.currency, t.net \
             FROM jsonb_to_recordset($3) AS t (rule text, beneficiary uuid, customer uuid, period text, start date, \
                 currency text, net bigint) \
             ON CONFLICT (account_id, program_id, rule, beneficiary, customer, period, start, currency) \
                 DO UPDATE SET net = ",
            $net
        )
    };
}

/// The writer knows what there is.
const SPENT: &str = upsert_spending!("excluded.net");

/// Others know by how much it changed.
const SPENT_MORE: &str = upsert_spending!("reward_spending.net + excluded.net");

/// Writes the counters that changed.
pub(super) async fn changed(
    conn: &mut AsyncPgConnection,
    program: &Program,
    counted: &Counted,
) -> QueryResult<()> {
    let tallies = counted.changed_tallies.iter().map(|key| tally(counted, key));
    upsert(conn, program, TALLIES, tallies.collect()).await?;
    let live = counted.changed_live.iter().map(|key| live_sales(counted, key));
    upsert(conn, program, LIVE, live.collect()).await?;
    let spent = counted.changed_spent.iter().map(|key| spending(key, counted.spent.get(key).copied()));
    upsert(conn, program, SPENT, spent.collect()).await
}

/// Writes all counters in the place of what there is.
pub(in crate::rewards::compute) async fn replace(
    conn: &mut AsyncPgConnection,
    program: &Program,
    counted: &Counted,
) -> QueryResult<()> {
    for table in ["reward_tallies", "reward_live_sales", "reward_spending"] {
        sql_query(format!("DELETE FROM {table} WHERE account_id = $1 AND program_id = $2"))
            .bind::<SqlUuid, _>(program.account_id)
            .bind::<SqlUuid, _>(program.id)
            .execute(conn)
            .await?;
    }
    changed(conn, program, counted).await
}

async fn upsert(
    conn: &mut AsyncPgConnection,
    program: &Program,
    statement: &'static str,
    mut rows: Vec<Value>,
) -> QueryResult<()> {
    while !rows.is_empty() {
        let chunk = rows.split_off(rows.len().saturating_sub(5_000));
        sql_query(statement)
            .bind::<SqlUuid, _>(program.account_id)
            .bind::<SqlUuid, _>(program.id)
            .bind::<Jsonb, _>(Value::Array(chunk))
            .prepared()
            .execute(conn)
            .await?;
    }
    Ok(())
}

fn tally(counted: &Counted, key: &(ids::PartnerId, Span)) -> Value {
    let tally = counted.tallies.get(key).cloned().unwrap_or_default();
    json!({
        "partner_id": key.0.uuid(), "period": key.1.period, "start": key.1.start, "signups": tally.signups,
        "sales": tally.sales, "customers": tally.customers, "revenue": tally.revenue.to_fraction_string(),
    })
}

fn live_sales(counted: &Counted, key: &(ids::CustomerId, ids::PartnerId, Span)) -> Value {
    json!({
        "customer_id": key.0.uuid(), "partner_id": key.1.uuid(), "period": key.2.period, "start": key.2.start,
        "sales": counted.live.get(key).copied().unwrap_or(0),
    })
}

/// Adds these changes to what caps look back on.
pub(in crate::rewards) async fn spend_more(
    conn: &mut AsyncPgConnection,
    program: &Program,
    changes: &BTreeMap<CapKey, i64>,
) -> QueryResult<()> {
    let rows = changes.iter().map(|(key, change)| spending(key, Some(*change)));
    upsert(conn, program, SPENT_MORE, rows.collect()).await
}

/// A row of what a cap looks back on.
fn spending(key: &CapKey, net: Option<i64>) -> Value {
    let beneficiary = match key.beneficiary {
        Owner::Partner(id) => id.uuid(),
        Owner::Customer(id) => id.uuid(),
    };
    let (customer, span) = match key.within {
        Within::Customer(id) => (id.uuid(), Span::around(Period::All, chrono::NaiveDate::MIN)),
        Within::Span(span) => (Uuid::nil(), span),
    };
    json!({
        "rule": key.rule, "beneficiary": beneficiary, "customer": customer, "period": span.period, "start": span.start,
        "currency": key.currency, "net": net.unwrap_or(0),
    })
}

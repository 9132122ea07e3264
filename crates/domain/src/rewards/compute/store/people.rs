use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Jsonb, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

use crate::{
    prepared::Prepare,
    programs::Program,
    rewards::{Book, compute::outcome::Outcome},
    schema::reward_partners,
};

/// Writes back the partners that events have changed.
pub(super) async fn partners(
    conn: &mut AsyncPgConnection,
    program: &Program,
    outcome: &Outcome,
) -> QueryResult<()> {
    use diesel::upsert::excluded;
    use reward_partners as p;
    let rows: Vec<_> = outcome
        .partners
        .values()
        .map(|partner| {
            (
                p::account_id.eq(program.account_id),
                p::program_id.eq(program.id),
                p::partner_id.eq(partner.partner_id),
                p::status.eq(partner.status.as_str()),
                p::group_id.eq(partner.group),
                p::tags.eq(&partner.tags),
                p::upline_id.eq(partner.upline),
            )
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    diesel::insert_into(p::table)
        .values(rows)
        .on_conflict((p::account_id, p::partner_id))
        .do_update()
        .set((
            p::status.eq(excluded(p::status)),
            p::group_id.eq(excluded(p::group_id)),
            p::tags.eq(excluded(p::tags)),
            p::upline_id.eq(excluded(p::upline_id)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

const CUSTOMERS: &str = "\
    INSERT INTO reward_customers (account_id, program_id, customer_id, since, country, tags, partner_id, attributed_at, had_partner, \
        is_signed_up, awaits_confirmation, evaluations, has_paid, sales, first_sale_id, first_sale_at) \
    SELECT $1, $2, c.customer_id, c.since, c.country, ARRAY(SELECT jsonb_array_elements_text(c.tags)), c.partner_id, \
        c.attributed_at, c.had_partner, c.is_signed_up, c.awaits_confirmation, c.evaluations, c.has_paid, c.sales, c.first_sale_id, c.first_sale_at \
    FROM jsonb_to_recordset($3) AS c (customer_id uuid, since timestamptz, country text, tags jsonb, partner_id uuid, \
        attributed_at timestamptz, had_partner boolean, is_signed_up boolean, awaits_confirmation boolean, evaluations integer, has_paid boolean, sales integer, \
        first_sale_id uuid, first_sale_at timestamptz) \
    ON CONFLICT (account_id, customer_id) DO UPDATE SET since = excluded.since, country = excluded.country, \
        tags = excluded.tags, partner_id = excluded.partner_id, attributed_at = excluded.attributed_at, \
        had_partner = excluded.had_partner, \
        is_signed_up = excluded.is_signed_up, awaits_confirmation = excluded.awaits_confirmation, \
        evaluations = excluded.evaluations, has_paid = excluded.has_paid, sales = excluded.sales, first_sale_id = excluded.first_sale_id, \
        first_sale_at = excluded.first_sale_at";

/// Writes back the customers that events have changed.
pub(super) async fn customers(
    conn: &mut AsyncPgConnection,
    program: &Program,
    outcome: &Outcome,
    book: &Book<'_>,
) -> QueryResult<()> {
    use ids::TypedId;
    let rows: Vec<serde_json::Value> = outcome
        .customers
        .iter()
        .filter_map(|id| {
            let customer = book.customer(*id)?;
            let (partner, attributed_at) = customer.attribution.unzip();
            let (first, first_at) = customer.first.unzip();
            Some(json!({
                "customer_id": id.uuid(), "since": customer.since, "country": customer.country, "tags": customer.tags,
                "partner_id": partner.map(TypedId::uuid), "attributed_at": attributed_at,
                "had_partner": customer.had_partner, "is_signed_up": customer.is_signed_up, "awaits_confirmation": customer.awaits_confirmation,
                "evaluations": customer.evaluations, "has_paid": customer.has_paid, "sales": customer.sales, "first_sale_id": first.map(TypedId::uuid),
                "first_sale_at": first_at,
            }))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    sql_query(CUSTOMERS)
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<SqlUuid, _>(program.id)
        .bind::<Jsonb, _>(serde_json::Value::Array(rows))
        .prepared()
        .execute(conn)
        .await?;
    Ok(())
}

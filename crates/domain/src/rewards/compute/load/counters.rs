use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Date, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, TypedId};
use money::Currency;
use uuid::Uuid;

use crate::{
    ledger::Owner,
    prepared::Prepare,
    programs::Program,
    rewards::{CapKey, Counted, Reach, Span, Tally, Within},
    terms::{Period, RuleId},
};

#[derive(QueryableByName)]
struct TallyRow {
    #[diesel(sql_type = SqlUuid)]
    partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    period: Period,
    #[diesel(sql_type = Date)]
    start: NaiveDate,
    #[diesel(sql_type = BigInt)]
    signups: i64,
    #[diesel(sql_type = BigInt)]
    sales: i64,
    #[diesel(sql_type = BigInt)]
    customers: i64,
    #[diesel(sql_type = Text)]
    revenue: String,
}

#[derive(QueryableByName)]
struct LiveRow {
    #[diesel(sql_type = SqlUuid)]
    customer_id: CustomerId,
    #[diesel(sql_type = SqlUuid)]
    partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    period: Period,
    #[diesel(sql_type = Date)]
    start: NaiveDate,
    #[diesel(sql_type = BigInt)]
    sales: i64,
}

#[derive(QueryableByName)]
struct SpentRow {
    #[diesel(sql_type = Text)]
    rule: String,
    #[diesel(sql_type = SqlUuid)]
    beneficiary: Uuid,
    #[diesel(sql_type = SqlUuid)]
    customer: Uuid,
    #[diesel(sql_type = Text)]
    period: Period,
    #[diesel(sql_type = Date)]
    start: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    net: i64,
}

const TALLIES: &str = "\
    SELECT t.partner_id, t.period, t.start, t.signups, t.sales, t.customers, t.revenue FROM reward_tallies t \
    JOIN unnest($3, $4) AS s (period, start) ON t.period = s.period AND t.start = s.start \
    WHERE t.account_id = $1 AND t.partner_id = ANY ($2)";

const LIVE: &str = "\
    SELECT l.customer_id, l.partner_id, l.period, l.start, l.sales FROM reward_live_sales l \
    JOIN unnest($3, $4) AS s (period, start) ON l.period = s.period AND l.start = s.start \
    WHERE l.account_id = $1 AND l.customer_id = ANY ($2)";

const SPENT: &str = "\
    SELECT r.rule, r.beneficiary, r.customer, r.period, r.start, r.currency, r.net FROM reward_spending r \
    WHERE r.account_id = $1 AND r.program_id = $2 AND r.rule = ANY ($3) AND r.beneficiary = ANY ($4) \
    AND (r.customer = ANY ($5) OR (r.customer = $6 AND (r.period, r.start) IN (SELECT * FROM unnest($7, $8))))";

/// Loads the counters that the batch may ask for, all of them tracked.
pub(super) async fn load(
    conn: &mut AsyncPgConnection,
    program: &Program,
    reach: Reach,
    counted: &mut Counted,
) -> QueryResult<()> {
    let spans = reach.spans(counted.tracked());
    let (periods, starts) = columns(&spans);
    let partners: Vec<Uuid> = reach.partners.iter().map(|id| id.uuid()).collect();
    let customers: Vec<Uuid> = reach.customers.iter().map(|id| id.uuid()).collect();
    if !spans.is_empty() {
        let rows: Vec<TallyRow> = sql_query(TALLIES)
            .bind::<SqlUuid, _>(program.account_id)
            .bind::<Array<SqlUuid>, _>(&partners)
            .bind::<Array<Text>, _>(&periods)
            .bind::<Array<Date>, _>(&starts)
            .prepared()
            .load(conn)
            .await?;
        for row in rows {
            let revenue = row.revenue.parse().map_err(unreadable)?;
            let tally = Tally { signups: row.signups, sales: row.sales, customers: row.customers, revenue };
            counted.tallies.insert((row.partner_id, Span { period: row.period, start: row.start }), tally);
        }
        let rows: Vec<LiveRow> = sql_query(LIVE)
            .bind::<SqlUuid, _>(program.account_id)
            .bind::<Array<SqlUuid>, _>(&customers)
            .bind::<Array<Text>, _>(&periods)
            .bind::<Array<Date>, _>(&starts)
            .prepared()
            .load(conn)
            .await?;
        for row in rows {
            let span = Span { period: row.period, start: row.start };
            counted.live.insert((row.customer_id, row.partner_id, span), row.sales);
        }
    }
    load_spent(conn, program, (&partners, &customers), &spans, counted).await?;
    counted.is_within(reach);
    Ok(())
}

async fn load_spent(
    conn: &mut AsyncPgConnection,
    program: &Program,
    (partners, customers): (&[Uuid], &[Uuid]),
    spans: &HashSet<Span>,
    counted: &mut Counted,
) -> QueryResult<()> {
    let tracked = counted.tracked();
    let rules: BTreeSet<&RuleId> = tracked.per_customer.iter().chain(tracked.per_period.keys()).collect();
    if rules.is_empty() {
        return Ok(());
    }
    let (periods, starts) = columns(spans);
    let beneficiaries: Vec<Uuid> = partners.iter().chain(customers).copied().collect();
    let rows: Vec<SpentRow> = sql_query(SPENT)
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<SqlUuid, _>(program.id)
        .bind::<Array<Text>, _>(rules.into_iter().map(ToString::to_string).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(&beneficiaries)
        .bind::<Array<SqlUuid>, _>(customers)
        .bind::<SqlUuid, _>(Uuid::nil())
        .bind::<Array<Text>, _>(&periods)
        .bind::<Array<Date>, _>(&starts)
        .prepared()
        .load(conn)
        .await?;
    for row in rows {
        let is_partner = partners.contains(&row.beneficiary);
        let beneficiary = if is_partner {
            Owner::Partner(PartnerId::from_uuid(row.beneficiary))
        } else {
            Owner::Customer(CustomerId::from_uuid(row.beneficiary))
        };
        let within = match row.customer {
            nil if nil.is_nil() => Within::Span(Span { period: row.period, start: row.start }),
            customer => Within::Customer(CustomerId::from_uuid(customer)),
        };
        let rule = row.rule.parse().map_err(unreadable)?;
        counted.spent.insert(CapKey { rule, beneficiary, within, currency: row.currency }, row.net);
    }
    Ok(())
}

fn columns(spans: &HashSet<Span>) -> (Vec<Period>, Vec<NaiveDate>) {
    spans.iter().map(|span| (span.period, span.start)).unzip()
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(Box::new(error))
}

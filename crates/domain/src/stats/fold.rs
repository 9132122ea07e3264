use diesel::{QueryResult, QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::prepared::Prepare;

/// The most deltas of one statement.
pub const FOLD_BATCH: i64 = 5_000;

/// Deltas leave their table and reach the rollups in one statement, so whoever reads both in one statement finds each of
/// them in one of the two. Rows are changed in one order, here and in every other fold.
const SQL: &str = "
WITH taken AS (
    DELETE FROM stat_deltas WHERE id = ANY (ARRAY(
        SELECT id FROM stat_deltas ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
    )) RETURNING *
), days AS (
    INSERT INTO program_days AS r (account_id, program_id, day, currency, applications, partners, signups,
        paying_customers, sales, revenue, rewards)
    SELECT account_id, program_id, day, currency, sum(applications), sum(partners), sum(signups), sum(paying_customers),
        sum(sales), sum(revenue), sum(rewards)
    FROM taken WHERE partner_id IS NULL GROUP BY account_id, program_id, day, currency
    ORDER BY account_id, program_id, day, currency
    ON CONFLICT (account_id, program_id, day, currency) DO UPDATE SET
        applications = r.applications + excluded.applications, partners = r.partners + excluded.partners,
        signups = r.signups + excluded.signups, paying_customers = r.paying_customers + excluded.paying_customers,
        sales = r.sales + excluded.sales, revenue = r.revenue + excluded.revenue, rewards = r.rewards + excluded.rewards
), hours AS (
    INSERT INTO program_hours AS r (account_id, program_id, hour, currency, applications, partners, signups,
        paying_customers, sales, revenue, rewards)
    SELECT account_id, program_id, hour, currency, sum(applications), sum(partners), sum(signups), sum(paying_customers),
        sum(sales), sum(revenue), sum(rewards)
    FROM taken WHERE partner_id IS NULL GROUP BY account_id, program_id, hour, currency
    ORDER BY account_id, program_id, hour, currency
    ON CONFLICT (account_id, program_id, hour, currency) DO UPDATE SET
        applications = r.applications + excluded.applications, partners = r.partners + excluded.partners,
        signups = r.signups + excluded.signups, paying_customers = r.paying_customers + excluded.paying_customers,
        sales = r.sales + excluded.sales, revenue = r.revenue + excluded.revenue, rewards = r.rewards + excluded.rewards
), theirs AS (
    INSERT INTO partner_days AS r (account_id, program_id, partner_id, day, currency, signups, paying_customers, sales,
        revenue, rewards)
    SELECT account_id, program_id, partner_id, day, currency, sum(signups), sum(paying_customers), sum(sales),
        sum(revenue), sum(rewards)
    FROM taken WHERE partner_id IS NOT NULL GROUP BY account_id, program_id, partner_id, day, currency
    ORDER BY account_id, partner_id, day, currency
    ON CONFLICT (account_id, partner_id, day, currency) DO UPDATE SET
        signups = r.signups + excluded.signups, paying_customers = r.paying_customers + excluded.paying_customers,
        sales = r.sales + excluded.sales, revenue = r.revenue + excluded.revenue, rewards = r.rewards + excluded.rewards
)
SELECT count(*) AS count FROM taken";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Folds up to [`FOLD_BATCH`] deltas, the oldest first but for those that another fold has; answers how many. Fewer than
/// that means that none is left.
///
/// # Errors
/// The database's.
pub async fn fold(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    let row: Count = sql_query(SQL).bind::<BigInt, _>(FOLD_BATCH).prepared().get_result(conn).await?;
    Ok(row.count)
}

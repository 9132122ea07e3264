use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Finding, SHOWN};

#[derive(QueryableByName)]
struct Difference {
    #[diesel(sql_type = Text)]
    what: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Counts everything again from the rows that say what happened, by local day and hour, takes off what rollups and deltas
/// say, and names what is left. The days are those of the server's own time zones.
const SQL: &str = "
WITH firsts AS (
    SELECT DISTINCT ON (t.account_id, t.customer_id) t.account_id, t.program_id, e.partner_id, t.occurred_at, t.currency
    FROM transactions t JOIN evaluations e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.number = 1
    WHERE t.rewardable AND t.net > 0 ORDER BY t.account_id, t.customer_id, e.position
), happened (account_id, program_id, partner_id, at, currency, applications, partners, signups, paying_customers, sales,
    revenue, rewards) AS (
    SELECT account_id, program_id, NULL::uuid, at, NULL, (kind = 'partner.applied')::int, (kind = 'partner.approved')::int,
        0, 0, 0, 0, 0
    FROM events WHERE kind IN ('partner.applied', 'partner.approved')
    UNION ALL SELECT account_id, program_id, NULL, confirmed_at, NULL, 0, 0, 1, 0, 0, 0, 0 FROM customers
        WHERE confirmed_at IS NOT NULL
    UNION ALL SELECT account_id, program_id, partner_id, counted_at, NULL, 0, 0, 1, 0, 0, 0, 0 FROM attributions
        WHERE counted_at IS NOT NULL
    UNION ALL SELECT account_id, program_id, NULL, occurred_at, currency, 0, 0, 0, 1, 0, 0, 0 FROM firsts
    UNION ALL SELECT account_id, program_id, partner_id, occurred_at, currency, 0, 0, 0, 1, 0, 0, 0 FROM firsts
        WHERE partner_id IS NOT NULL
    UNION ALL SELECT account_id, program_id, NULL, occurred_at, currency, 0, 0, 0, 0, 1, net, 0 FROM transactions
    UNION ALL SELECT t.account_id, t.program_id, e.partner_id, t.occurred_at, t.currency, 0, 0, 0, 0, 1, t.net, 0
        FROM evaluations e JOIN transactions t ON t.account_id = e.account_id AND t.id = e.transaction_id AND e.number = 1
        WHERE e.partner_id IS NOT NULL
    UNION ALL SELECT account_id, program_id, NULL, event_at, currency, 0, 0, 0, 0, 0, 0, net FROM rewards
    UNION ALL SELECT account_id, program_id, partner_id, event_at, currency, 0, 0, 0, 0, 0, 0, net FROM rewards
        WHERE partner_id IS NOT NULL
), placed AS (
    SELECT h.*, p.currency AS own_currency, (h.at AT TIME ZONE p.time_zone)::date AS day,
        h.at - ((h.at AT TIME ZONE p.time_zone) - date_trunc('hour', h.at AT TIME ZONE p.time_zone)) AS hour
    FROM happened h JOIN programs p ON p.account_id = h.account_id AND p.id = h.program_id
), compared (program_id, partner_id, part, currency, applications, partners, signups, paying_customers, sales, revenue,
    rewards) AS (
    SELECT program_id, partner_id, day::text, coalesce(currency, own_currency), applications, partners, signups,
        paying_customers, sales, revenue::numeric, rewards::numeric FROM placed
    UNION ALL SELECT program_id, NULL, hour::text, coalesce(currency, own_currency), applications, partners, signups,
        paying_customers, sales, revenue, rewards FROM placed WHERE partner_id IS NULL
    UNION ALL SELECT program_id, partner_id, day::text, currency, -applications, -partners, -signups, -paying_customers,
        -sales, -revenue, -rewards FROM stat_deltas
    UNION ALL SELECT program_id, NULL, hour::text, currency, -applications, -partners, -signups, -paying_customers,
        -sales, -revenue, -rewards FROM stat_deltas WHERE partner_id IS NULL
    UNION ALL SELECT program_id, NULL, day::text, currency, -applications, -partners, -signups, -paying_customers, -sales,
        -revenue, -rewards FROM program_days
    UNION ALL SELECT program_id, NULL, hour::text, currency, -applications, -partners, -signups, -paying_customers, -sales,
        -revenue, -rewards FROM program_hours
    UNION ALL SELECT program_id, partner_id, day::text, currency, 0, 0, -signups, -paying_customers, -sales, -revenue,
        -rewards FROM partner_days
)
SELECT format('program %s partner %s at %s in %s: missing applications %s partners %s signups %s paying customers %s sales \
        %s revenue %s rewards %s', program_id, coalesce(partner_id::text, '-'), part, currency, sum(applications),
        sum(partners), sum(signups), sum(paying_customers), sum(sales), sum(revenue), sum(rewards)) AS what
FROM compared GROUP BY program_id, partner_id, part, currency
HAVING (sum(applications), sum(partners), sum(signups), sum(paying_customers), sum(sales), sum(revenue), sum(rewards))
    <> (0, 0, 0, 0, 0, 0, 0)
LIMIT $1";

/// V13: figures are what a scan of the rows comes to that they count.
pub(super) async fn figures(conn: &mut AsyncPgConnection) -> QueryResult<Finding> {
    let differences: Vec<Difference> = diesel::sql_query(SQL).bind::<BigInt, _>(SHOWN).load(conn).await?;
    let count: Count = diesel::sql_query(
        "SELECT (SELECT count(*) FROM program_days) + (SELECT count(*) FROM partner_days) AS count",
    )
    .get_result(conn)
    .await?;
    Ok(Finding {
        check: "V13",
        about: "figures equal a scan of what they count",
        looked_at: count.count,
        violations: differences.into_iter().map(|difference| difference.what).collect(),
    })
}

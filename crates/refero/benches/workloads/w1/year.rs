use ids::TypedId;

use crate::{ground::Base, seed::Shop};

/// Rows of one statement.
const BATCH: u64 = 1_000_000;

/// Fills the `days` that ended yesterday with sales, evenly spread over days and customers, and adds them up in the rollups as the
/// product would have. By sets: the verbs would take hours. Foreign keys are right by construction and not checked.
pub async fn fill(base: &Base, shop: &Shop, (sales, days): (u64, u32)) -> anyhow::Result<()> {
    let (account, program) = (shop.account_id.uuid(), shop.program_id.uuid());
    base.fill(
        "CREATE TABLE bench_buyers AS SELECT (row_number() OVER (ORDER BY a.customer_id) - 1)::int AS number, a.customer_id, \
         a.partner_id FROM attributions a WHERE a.status = 'ACTIVE'; \
         CREATE UNIQUE INDEX ON bench_buyers (number); ANALYZE bench_buyers",
    )
    .await?;
    for first in (0..sales).step_by(usize::try_from(BATCH)?) {
        let last = sales.min(first + BATCH) - 1;
        base.fill(&format!(
            "SET session_replication_role = replica; \
             INSERT INTO transactions (id, account_id, program_id, customer_id, key, currency, gross, discount, tax, net, \
             rewardable, occurred_at, fingerprint, created_at) \
             SELECT (lpad(to_hex((extract(epoch FROM x.at) * 1000)::bigint), 12, '0') || \
             substr(gen_random_uuid()::text, 15))::uuid, '{account}', '{program}', b.customer_id, 'fill-' || x.n, 'USD', \
             x.cents, 0, 0, x.cents, true, x.at, '\\xbc9f2cc4a0b7f2a0bc9f2cc4a0b7f2a0bc9f2cc4a0b7f2a0bc9f2cc4a0b7f2a0', x.at \
             FROM (SELECT n, 100 + n * 7919 % 100000 AS cents, \
             current_date::timestamptz - interval '{days} days' + n * (interval '{days} days' / {sales}) AS at \
             FROM generate_series({first}::bigint, {last}) n) x \
             JOIN bench_buyers b ON b.number = x.n * 7919 % (SELECT count(*) FROM bench_buyers)"
        ))
        .await?;
    }
    base.fill(&add_up()).await?;
    base.fill("DROP TABLE bench_buyers").await?;
    base.fill("VACUUM ANALYZE").await
}

/// The rewards are those of the shop's terms: a fifth.
fn add_up() -> String {
    let sums = "count(*), sum(net), round(sum(net) / 5.0)";
    let days = format!(
        "INSERT INTO program_days (account_id, program_id, day, currency, applications, partners, signups, paying_customers, \
         sales, revenue, rewards) SELECT account_id, program_id, (occurred_at AT TIME ZONE 'UTC')::date, currency, 0, 0, 0, 0, \
         {sums} FROM transactions GROUP BY 1, 2, 3, 4"
    );
    let hours = format!(
        "INSERT INTO program_hours (account_id, program_id, hour, currency, applications, partners, signups, \
         paying_customers, sales, revenue, rewards) SELECT account_id, program_id, date_trunc('hour', occurred_at), currency, \
         0, 0, 0, 0, {sums} FROM transactions GROUP BY 1, 2, 3, 4"
    );
    let partners = format!(
        "INSERT INTO partner_days (account_id, program_id, partner_id, day, currency, signups, paying_customers, sales, \
         revenue, rewards) SELECT t.account_id, t.program_id, b.partner_id, (t.occurred_at AT TIME ZONE 'UTC')::date, \
         t.currency, 0, 0, {sums} FROM transactions t JOIN bench_buyers b USING (customer_id) GROUP BY 1, 2, 3, 4, 5"
    );
    [days, hours, partners].join("; ")
}

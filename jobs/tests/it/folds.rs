//! Folding goes on until no delta is left.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use domain::{
    db::{Db, DbConfig},
    stats::{FOLD_BATCH, FoldStats},
};
use ids::IdSource;
use jobs::{FoldStatsHandler, Registry, run_due};
use queue::NewJob;
use test_database::TestDatabase;

/// An account, a program, and so many deltas of one sale each.
fn deltas(count: i64) -> String {
    format!(
        "INSERT INTO accounts VALUES ('00000000-0000-0000-0000-000000000001', 'A', 'USD', 'UTC', NULL, 'en', 'ACTIVE', now(), now()); \
         INSERT INTO programs (id, account_id, kind, status, name, slug, currency, time_zone, grandfathering, link_parameter, \
             link_style, attribution_model, attribution_window_days, auto_approve, late_sale_days, created_at, updated_at) \
         SELECT id, id, 'AFFILIATE', 'ACTIVE', 'A', 'a', 'USD', 'UTC', 'KEEP', 'via', 'QUERY', 'LAST_CLICK', 60, false, 90, \
             now(), now() FROM accounts; \
         INSERT INTO stat_deltas (account_id, program_id, day, hour, currency, applications, partners, signups, \
             paying_customers, sales, revenue, rewards) \
         SELECT id, id, date '2026-03-02' + n % 40, timestamptz '2026-03-02T12:00:00Z' + n % 40 * interval '1 day', 'USD', \
             0, 0, 0, 0, 1, 9000000000000000000, 0 FROM accounts, generate_series(1, {count}) n"
    )
}

#[tokio::test]
async fn a_fold_goes_on_until_nothing_is_left_and_no_sum_is_too_large() {
    let database = TestDatabase::create().await.unwrap();
    let db = Db::new(&DbConfig::for_testing(&database.url)).unwrap();
    let (ids, now) = (IdSource::seeded(1), "2026-03-02T09:00:00Z".parse().unwrap());
    let conn = &mut *db.get().await.unwrap();
    conn.batch_execute(&deltas(FOLD_BATCH + 10)).await.unwrap();
    let jobs = [NewJob::of(&FoldStats {})];
    let waiting = queue::enqueue(conn, now, &ids, &jobs).await.unwrap();
    assert_eq!(queue::enqueue(conn, now, &ids, &jobs).await.unwrap(), waiting, "one waits at a time");
    let registry = Registry::default().act(FoldStatsHandler { ids: ids.clone() });
    assert_eq!(run_due(&registry, &db, &ids, now).await.unwrap(), 2);
    let left = "DO $$ BEGIN \
        ASSERT (SELECT count(*) FROM stat_deltas) = 0; \
        ASSERT (SELECT count(*) FROM jobs) = 0; \
        ASSERT (SELECT count(*) = 40 AND sum(sales) = 5010 AND sum(revenue) = 5010 * 9000000000000000000::numeric FROM program_days); \
        ASSERT (SELECT count(*) = 40 AND sum(sales) = 5010 FROM program_hours); END $$";
    conn.batch_execute(left).await.unwrap();
    assert_eq!(run_due(&registry, &db, &ids, now + TimeDelta::minutes(1)).await.unwrap(), 0);
}

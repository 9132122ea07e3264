use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use queue::{Job, Mode, Queue, Verdict};

use crate::support::{Count, LEASE, Ledger, keyed};

const BACKLOG: &str = "INSERT INTO jobs (id, queue, kind, args, state, run_at, max_attempts, created_at) \
    SELECT gen_random_uuid(), 'stats', 'stats.count', '{\"number\": 1}', 'ready', '2026-11-22T11:00:00Z', 3, now() \
    FROM generate_series(1, 40000); \
    INSERT INTO jobs (id, queue, kind, args, state, run_at, max_attempts, created_at) \
    SELECT gen_random_uuid(), 'stats', 'stats.count', '{}', 'scheduled', '2026-11-23T11:00:00Z', 3, now() \
    FROM generate_series(1, 20000); \
    ANALYZE jobs";

/// How often somebody has read all of `jobs`.
async fn whole_reads(conn: &mut AsyncPgConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        reads: i64,
    }
    conn.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    let sql = "SELECT seq_scan AS reads FROM pg_stat_user_tables WHERE relname = 'jobs'";
    let row: Row = sql_query(sql).get_result(conn).await.unwrap();
    row.reads
}

/// The whole life of a few jobs, so often that PostgreSQL settles on generic plans.
async fn live(ledger: &Ledger, conn: &mut AsyncPgConnection) {
    let lanes = [("stats", Count::KIND), ("rewards", "rewards.compute"), ("emails", "emails.send")];
    for round in 0..8 {
        let now = ledger.after(round);
        queue::enqueue(conn, now, &ledger.ids, &[keyed(1, "k")]).await.unwrap();
        queue::promote_due(conn, &Queue::ALL, 1000, now).await.unwrap();
        let jobs = queue::dispatch(conn, &lanes, 100 * (round + 1), now).await.unwrap();
        assert!(!jobs.is_empty());
        queue::unclaimed(conn, &lanes, now).await.unwrap();
        let ids: Vec<_> = jobs.iter().map(|job| job.id).take(20).collect();
        let token = ledger.token();
        let rows = ledger.claim(conn, &ids, Mode::Shared, token, now).await;
        queue::waiting(conn, &ids, true, now).await.unwrap();
        queue::renew(conn, &ids.iter().map(|id| (*id, token)).collect::<Vec<_>>(), LEASE, now).await.unwrap();
        let later = std::time::Duration::from_secs(60);
        queue::fail(conn, &rows[0], token, Verdict::Retry(later), "no", now).await.unwrap();
        queue::sweep(conn, now).await.unwrap();
        queue::send_on_twins(conn, Count::KIND, &["k".to_owned()]).await.unwrap();
        assert!(queue::finish(conn, &ids[1..], token, now).await.unwrap());
        queue::figures(conn, now).await.unwrap();
    }
}

/// Work must not slow down as a backlog grows: 60,000 rows wait, and no statement of the lane reads them all.
#[tokio::test]
async fn no_statement_reads_the_whole_backlog() {
    let mut ledger = Ledger::new().await;
    ledger.serial = true;
    let conn = &mut ledger.connect().await;
    conn.batch_execute(BACKLOG).await.unwrap();
    let before = whole_reads(conn).await;
    live(&ledger, conn).await;
    assert_eq!(whole_reads(conn).await - before, 0);
    ledger.drop().await;
}

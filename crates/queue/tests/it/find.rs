use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use ids::{AccountId, JobId};
use queue::{
    Mode, Queue, Verdict,
    find::{JobFilter, JobState, count as count_jobs, find_all, list},
};

use crate::support::{Ledger, count};

async fn listed(conn: &mut AsyncPgConnection, filter: &JobFilter) -> Vec<JobId> {
    list(conn, filter, None, 100).await.unwrap().rows.iter().map(|job| job.id).collect()
}

/// One job in each of: scheduled, ready, running, done, dead, cancelled; all of one account but the ready one.
async fn one_of_each(ledger: &Ledger, conn: &mut AsyncPgConnection, account: AccountId) -> Vec<JobId> {
    let mut jobs: Vec<_> = (0..6).map(|number| count(number).account(account)).collect();
    jobs[0] = jobs[0].clone().run_at(ledger.after(60));
    jobs[1] = count(1);
    let ids = queue::enqueue(conn, ledger.now, &ledger.ids, &jobs).await.unwrap();
    ledger.claim_one(conn, ids[2], Mode::Shared, ledger.now).await.unwrap();
    let (_, token) = ledger.claim_one(conn, ids[3], Mode::Shared, ledger.now).await.unwrap();
    assert!(queue::finish(conn, &[ids[3]], token, ledger.after(1)).await.unwrap());
    let (row, token) = ledger.claim_one(conn, ids[4], Mode::Shared, ledger.now).await.unwrap();
    queue::fail(conn, &row, token, Verdict::Abort, "database: no 100% relation", ledger.after(2))
        .await
        .unwrap();
    assert!(queue::cancel(conn, None, ids[5], "usr_1", ledger.now).await.unwrap());
    ids
}

#[tokio::test]
async fn jobs_are_found_by_what_they_are_wherever_their_rows_are() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let account: AccountId = ledger.ids.next(ledger.now);
    let ids = one_of_each(&ledger, conn, account).await;
    let newest_first: Vec<JobId> = ids.iter().rev().copied().collect();
    let all = JobFilter::default();
    assert_eq!(listed(conn, &all).await, newest_first);
    assert_eq!(count_jobs(conn, &all, 10_000).await.unwrap(), (6, false));
    assert_eq!(count_jobs(conn, &all, 4).await.unwrap(), (4, true));
    let own = JobFilter { account: Some(account), ..all.clone() };
    assert_eq!(listed(conn, &own).await, [ids[5], ids[4], ids[3], ids[2], ids[0]]);
    assert_eq!(find_all(conn, Some(account), &ids).await.unwrap().len(), 5);
    for (states, expected) in [
        (vec![JobState::Dead], vec![ids[4]]),
        (vec![JobState::Running, JobState::Cancelled], vec![ids[5], ids[2]]),
        (vec![JobState::Done, JobState::Scheduled], vec![ids[3], ids[0]]),
        (vec![JobState::Superseded], vec![]),
    ] {
        assert_eq!(listed(conn, &JobFilter { states, ..all.clone() }).await, expected);
    }
    for (queue, kind, expected) in
        [(Queue::Stats, "stats.count", 6), (Queue::Emails, "stats.count", 0), (Queue::Stats, "stats.fold", 0)]
    {
        let filter = JobFilter { queue: Some(queue), kind: Some(kind.to_owned()), ..all.clone() };
        assert_eq!(listed(conn, &filter).await.len(), expected);
    }
    let said = JobFilter { error_like: Some("%100\\% REL%".to_owned()), ..all.clone() };
    assert_eq!(listed(conn, &said).await, [ids[4]]);
    let by_a_member = JobFilter { passes_over_internal_errors: true, ..said };
    assert_eq!(listed(conn, &by_a_member).await, []);
    ledger.drop().await;
}

#[tokio::test]
async fn a_job_tells_of_every_run() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let cause = (Some("req_1".to_owned()), Some("00-aa-bb-01".to_owned()));
    let id = ledger.enqueue(conn, count(1).caused_by(cause.0, cause.1)).await;
    let (row, token) = ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.unwrap();
    assert_eq!((row.request_id.as_deref(), row.trace.as_deref()), (Some("req_1"), Some("00-aa-bb-01")));
    let first = row.worker_id.unwrap().to_string();
    queue::fail(conn, &row, token, Verdict::Retry(std::time::Duration::ZERO), "no", ledger.after(3))
        .await
        .unwrap();
    let (_, token) = ledger.claim_one(conn, id, Mode::Shared, ledger.after(5)).await.unwrap();
    assert!(queue::finish(conn, &[id], token, ledger.after(9)).await.unwrap());
    let job = find_all(conn, None, &[id]).await.unwrap().remove(0);
    assert_eq!(
        (job.state(), job.last_error(), job.request_id.as_deref()),
        (JobState::Done, Some("no"), Some("req_1"))
    );
    let attempts = job.attempts();
    let times: Vec<_> = attempts.iter().map(|run| (run.number, run.started_at, run.finished_at)).collect();
    assert_eq!(
        times,
        [(1, Some(ledger.now), Some(ledger.after(3))), (2, Some(ledger.after(5)), Some(ledger.after(9))),]
    );
    assert_eq!((attempts[0].worker.clone(), attempts[0].error.as_deref()), (Some(first), Some("no")));
    assert!(attempts[1].error.is_none() && attempts[1].worker != attempts[0].worker);
    ledger.drop().await;
}

/// So many dead and done jobs of the five days before the ledger's present, one in a thousand with another text.
fn history(rows: i32) -> String {
    let now = "timestamptz '2026-11-22 12:00:00Z'";
    format!(
        "INSERT INTO job_history (id, queue, kind, args, priority, state, run_at, attempt, max_attempts, crashes_alone, errors, \
         created_at, finished_at) SELECT (lpad(to_hex(n), 12, '0') || '7000800000000000' || lpad(to_hex(n % 16), 4, '0'))::uuid, \
         'stats', 'stats.count', '{{}}', 0, CASE WHEN n % 10 = 0 THEN 'dead' ELSE 'done' END, {now}, 1, 1, 0, \
         jsonb_build_array(jsonb_build_object('attempt', 1, 'error', 'refused ' || n % 1000)), {now}, \
         {now} - (n % 5) * interval '1 day' FROM generate_series(1, {rows}) n; \
         VACUUM ANALYZE job_history"
    )
}

#[tokio::test]
async fn pages_go_through_all_of_it_however_seldom_a_job_passes() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    conn.batch_execute(history(90_000).split("; VACUUM").next().unwrap()).await.unwrap();
    let filter = JobFilter {
        states: vec![JobState::Dead],
        error_like: Some("%refused 70".to_owned()),
        ..JobFilter::default()
    };
    let (mut found, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = list(conn, &filter, after, 20).await.unwrap();
        found.extend(page.rows.iter().map(|job| job.id));
        pages += 1;
        if !page.has_next {
            break;
        }
        after = page.looked_to.or(page.rows.last().map(|job| job.id));
    }
    assert_eq!(found.len(), 90, "each once");
    assert!(found.is_sorted_by(|one, two| one > two));
    assert_eq!(pages, 5, "9,000 dead jobs, 2,000 in a page at most");
    ledger.drop().await;
}

/// The pages of tables and indexes of jobs that were looked at so far.
async fn pages_read(conn: &mut AsyncPgConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        pages: i64,
    }
    conn.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    let sql = "SELECT sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::bigint AS pages \
               FROM pg_statio_user_tables WHERE relname LIKE 'job%' OR relname LIKE 'queue%'";
    let row: Row = sql_query(sql).get_result(conn).await.unwrap();
    row.pages
}

/// W12: what operators look at costs the same, however long the history is.
#[tokio::test]
async fn the_operations_page_reads_as_much_of_a_short_history_as_of_a_long_one() {
    let mut costs = Vec::new();
    for rows in [100_000, 500_000] {
        let ledger = Ledger::new().await;
        let conn = &mut ledger.connect().await;
        let now = ledger.now;
        queue::history::create_ahead(conn, 3, now - chrono::TimeDelta::days(5)).await.unwrap();
        queue::history::create_ahead(conn, 3, now - chrono::TimeDelta::days(2)).await.unwrap();
        for statement in history(rows).split("; ") {
            conn.batch_execute(statement).await.unwrap();
        }
        let dead = JobFilter { states: vec![JobState::Dead], ..JobFilter::default() };
        let seldom = JobFilter { error_like: Some("%refused 7770%".to_owned()), ..dead.clone() };
        // Until the plans are those that are kept.
        for _ in 0..6 {
            queue::figures(conn, now).await.unwrap();
        }
        let before = pages_read(conn).await;
        let began = std::time::Instant::now();
        for _ in 0..5 {
            assert_eq!(list(conn, &dead, None, 50).await.unwrap().rows.len(), 50);
            assert!(list(conn, &seldom, None, 50).await.unwrap().rows.is_empty());
            let newest = list(conn, &JobFilter::default(), None, 50).await.unwrap().rows;
            assert_eq!(newest.len(), 50);
            assert_eq!(find_all(conn, None, &[newest[0].id]).await.unwrap().len(), 1);
            assert!(queue::figures(conn, now).await.unwrap()[5].dead >= 10_000);
        }
        eprintln!("{rows} ended jobs: {:?} for one page of each", began.elapsed() / 5);
        costs.push(pages_read(conn).await - before);
        ledger.drop().await;
    }
    assert!(costs[0] > 0 && costs[1] < costs[0] * 13 / 10, "pages of PostgreSQL: {costs:?}");
}

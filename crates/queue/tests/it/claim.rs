use diesel::sql_query;
use diesel_async::{AsyncConnection, RunQueryDsl};
use queue::{Job, Mode, Queue};

use crate::support::{Count, LEASE, Ledger, count, ended, keyed, row};

#[tokio::test]
async fn an_id_that_was_pushed_three_times_is_claimed_once() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let id = ledger.enqueue(conn, count(1)).await;
    let tripled = [id, id, id];
    let rows = ledger.claim(conn, &tripled, Mode::Shared, ledger.token(), ledger.now).await;
    assert_eq!(rows.len(), 1);
    assert!(ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.is_none());
    assert_eq!(row(conn, id).await.unwrap(), "running attempt=1 crashes=0");
    ledger.drop().await;
}

#[tokio::test]
async fn a_finish_without_the_lease_rolls_everything_back() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let ids = queue::enqueue(conn, ledger.now, &ledger.ids, &[count(1), count(2)]).await.unwrap();
    let token = ledger.token();
    ledger.claim(conn, &ids, Mode::Shared, token, ledger.now).await;

    assert!(!queue::finish(conn, &[ids[0]], ledger.token(), ledger.now).await.unwrap(), "another's token");
    let late = ledger.after(31);
    assert_eq!(queue::sweep(conn, late).await.unwrap().len(), 2);
    let lost = conn
        .transaction::<_, diesel::result::Error, _>(async |conn| {
            assert!(!queue::finish(conn, &ids, token, late).await?);
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert!(lost.is_err());
    assert_eq!(row(conn, ids[0]).await.unwrap(), "ready attempt=0 crashes=0 alone");
    ledger.drop().await;
}

#[tokio::test]
async fn done_jobs_leave_for_the_history_in_one_statement() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let ids = queue::enqueue(conn, ledger.now, &ledger.ids, &[count(1), count(2)]).await.unwrap();
    let token = ledger.token();
    ledger.claim(conn, &ids, Mode::Shared, token, ledger.now).await;
    assert!(queue::finish(conn, &ids, token, ledger.now).await.unwrap());
    assert_eq!(row(conn, ids[0]).await, None);
    assert_eq!(ended(conn, ids[1]).await, ["done"]);
    ledger.drop().await;
}

#[tokio::test]
async fn renewal_moves_only_leases_that_are_still_ones_own() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let (mine, other) = (ledger.enqueue(conn, count(1)).await, ledger.enqueue(conn, count(2)).await);
    let (_, token) = ledger.claim_one(conn, mine, Mode::Shared, ledger.now).await.unwrap();
    ledger.claim_one(conn, other, Mode::Shared, ledger.now).await.unwrap();
    let held = [(mine, token), (other, token)];
    assert_eq!(queue::renew(conn, &held, LEASE, ledger.after(20)).await.unwrap(), 1);
    let swept = queue::sweep(conn, ledger.after(35)).await.unwrap();
    assert_eq!(swept.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [other]);
    ledger.drop().await;
}

#[tokio::test]
async fn a_pause_stops_dispatch_and_claim_and_resuming_pushes_again() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let id = ledger.enqueue(conn, count(1)).await;
    let all = &[(Queue::Stats.as_str(), Count::KIND)];
    assert_eq!(queue::dispatch(conn, all, 10, ledger.now).await.unwrap().len(), 1);

    queue::pause(conn, Queue::Stats, "usr_1", ledger.now).await.unwrap();
    assert_eq!(queue::paused(conn).await.unwrap(), [Queue::Stats]);
    assert!(ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.is_none());
    let second = ledger.enqueue(conn, count(2)).await;
    assert!(queue::dispatch(conn, all, 10, ledger.now).await.unwrap().is_empty());
    assert!(queue::due(conn, &[Count::KIND], 10, ledger.now).await.unwrap().is_empty());

    queue::resume(conn, Queue::Stats).await.unwrap();
    let pushed = queue::dispatch(conn, all, 10, ledger.now).await.unwrap();
    assert_eq!(pushed.iter().map(|job| job.id).collect::<Vec<_>>(), [id, second]);
    assert!(ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.is_some());
    ledger.drop().await;
}

/// An enqueuer that holds a waiting row must not be waited for: it may want a row that the resumption holds.
#[tokio::test]
async fn resuming_waits_for_no_enqueuer() {
    let ledger = Ledger::new().await;
    let (one, two) = (&mut ledger.connect().await, &mut ledger.connect().await);
    let twin = ledger.enqueue(one, keyed(1, "k")).await;
    let free = ledger.enqueue(one, count(2)).await;
    let all = &[(Queue::Stats.as_str(), Count::KIND)];
    assert_eq!(queue::dispatch(one, all, 10, ledger.now).await.unwrap().len(), 2);
    queue::pause(one, Queue::Stats, "usr_1", ledger.now).await.unwrap();
    one.transaction::<_, diesel::result::Error, _>(async |one| {
        assert_eq!(queue::enqueue(one, ledger.now, &ledger.ids, &[keyed(1, "k")]).await?, [twin]);
        let resumed = tokio::time::timeout(LEASE, queue::resume(two, Queue::Stats)).await;
        resumed.expect("nobody waits")
    })
    .await
    .unwrap();
    let again = queue::dispatch(two, all, 10, ledger.now).await.unwrap();
    assert_eq!(again.iter().map(|job| job.id).collect::<Vec<_>>(), [free]);
    ledger.drop().await;
}

#[tokio::test]
async fn the_window_bounds_what_is_dispatched_and_lost_ids_are_dispatched_again() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let jobs = [count(1), count(2).priority(5), count(3)];
    sql_query(
        "INSERT INTO jobs (id, queue, kind, args, state, run_at, max_attempts, created_at) \
               SELECT gen_random_uuid(), 'stats', 'stats.forgotten', '{}', 'ready', now(), 1, now() \
               FROM generate_series(1, 5)",
    )
    .execute(conn)
    .await
    .unwrap();
    let ids = queue::enqueue(conn, ledger.now, &ledger.ids, &jobs).await.unwrap();
    let all = &[(Queue::Stats.as_str(), Count::KIND)];
    let first = queue::dispatch(conn, all, 2, ledger.now).await.unwrap();
    assert_eq!(first.iter().map(|job| job.id).collect::<Vec<_>>(), [ids[1], ids[0]], "priority first");
    assert!(queue::dispatch(conn, all, 2, ledger.now).await.unwrap().is_empty(), "the window is full");

    assert!(queue::unclaimed(conn, all, ledger.now).await.unwrap().is_empty(), "not old enough");
    let later = ledger.after(3);
    let lost = queue::unclaimed(conn, all, later).await.unwrap();
    assert_eq!((lost[0].kind.as_str(), lost[0].rows), (Count::KIND, 2));
    assert_eq!(queue::dispatch_again(conn, &lost[0], later, 10, later).await.unwrap().len(), 2);
    assert!(queue::dispatch_again(conn, &lost[0], later, 10, later).await.unwrap().is_empty());
    ledger.drop().await;
}

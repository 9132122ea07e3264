use std::time::Duration;

use diesel::QueryDsl;
use diesel_async::{AsyncConnection, RunQueryDsl};
use queue::{Mode, schema::jobs};

use crate::support::{Ledger, count, keyed, row, run_at};

#[tokio::test]
async fn ids_answer_in_order_and_a_key_has_one_row_in_a_statement() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let jobs = [keyed(1, "b"), count(2), keyed(3, "a"), keyed(4, "b"), count(5)];
    let ids = queue::enqueue(conn, ledger.now, &ledger.ids, &jobs).await.unwrap();
    assert_eq!(ids[0], ids[3], "the same key is the same row");
    let stored: i64 = jobs::table.count().get_result(conn).await.unwrap();
    assert_eq!(stored, 4);
    let again = ledger.enqueue(conn, keyed(6, "a")).await;
    assert_eq!(again, ids[2], "a waiting twin answers for the new one");
    ledger.drop().await;
}

#[tokio::test]
async fn more_than_a_statement_holds() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let jobs: Vec<_> = (0..2500).map(count).collect();
    let mut ids = queue::enqueue(conn, ledger.now, &ledger.ids, &jobs).await.unwrap();
    ids.dedup();
    assert_eq!(ids.len(), 2500);
    assert!(ids.is_sorted());
    ledger.drop().await;
}

#[tokio::test]
async fn a_twin_keeps_its_time_and_a_running_one_does_not_count() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let later = ledger.after(60);
    let waiting = ledger.enqueue(conn, keyed(1, "k").run_at(later)).await;
    assert_eq!(row(conn, waiting).await.unwrap(), "scheduled attempt=0 crashes=0");
    assert_eq!(ledger.enqueue(conn, keyed(2, "k")).await, waiting);
    assert_eq!(run_at(conn, waiting).await, later);

    assert!(ledger.claim_one(conn, waiting, Mode::Shared, later).await.is_none(), "scheduled is not ready");
    queue::promote_due(conn, &queue::Queue::ALL, 10, later).await.unwrap();
    assert!(ledger.claim_one(conn, waiting, Mode::Shared, later).await.is_some());
    let second = ledger.enqueue(conn, keyed(3, "k")).await;
    assert_ne!(second, waiting, "a fact that comes while the twin runs gets its own row");
    ledger.drop().await;
}

/// With ON CONFLICT DO NOTHING this loses a wake-up: the twin would run, see nothing of the open transaction and end.
#[tokio::test]
async fn a_worker_leaves_the_twin_that_an_open_enqueuer_counts_on() {
    let ledger = Ledger::new().await;
    let (enqueuer, worker) = (&mut ledger.connect().await, &mut ledger.connect().await);
    let twin = ledger.enqueue(enqueuer, keyed(1, "k")).await;

    enqueuer
        .transaction::<_, diesel::result::Error, _>(async |enqueuer| {
            assert_eq!(queue::enqueue(enqueuer, ledger.now, &ledger.ids, &[keyed(2, "k")]).await?, [twin]);
            let claim = ledger.claim_one(worker, twin, Mode::Shared, ledger.now);
            let claimed = tokio::time::timeout(Duration::from_secs(5), claim).await;
            assert!(claimed.expect("a claim never waits").is_none());
            let held = queue::waiting(worker, &[twin], false, ledger.now).await?;
            assert!(held.len() == 1 && !held[0].free, "it waits, but somebody holds it");
            Ok(())
        })
        .await
        .unwrap();

    let free = queue::waiting(worker, &[twin], false, ledger.now).await.unwrap();
    assert!(free.len() == 1 && free[0].free);
    assert!(ledger.claim_one(worker, twin, Mode::Shared, ledger.now).await.is_some());
    assert!(queue::waiting(worker, &[twin], false, ledger.now).await.unwrap().is_empty());
    ledger.drop().await;
}

#[tokio::test]
async fn enqueuers_of_the_same_keys_wait_for_each_other_and_do_not_deadlock() {
    let ledger = Ledger::new().await;
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (ids, now) = (ledger.ids.clone(), ledger.now);
            let connect = ledger.url();
            tokio::spawn(async move {
                let mut conn = diesel_async::AsyncPgConnection::establish(&connect).await.unwrap();
                let mut keys: Vec<_> = (0..50).map(|key| keyed(key, &format!("key {key}"))).collect();
                if number % 2 == 0 {
                    keys.reverse();
                }
                queue::enqueue(&mut conn, now, &ids, &keys).await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().len(), 50);
    }
    ledger.drop().await;
}

/// Of a serial kind one run per key is under way: its twin is not claimed, is nobody's to put back, and is sent on at the end.
#[tokio::test]
async fn of_a_serial_kind_a_twin_waits_until_the_run_has_ended() {
    let mut ledger = Ledger::new().await;
    ledger.serial = true;
    let conn = &mut ledger.connect().await;
    let lanes = [("stats", "stats.count")];
    let first = ledger.enqueue(conn, keyed(1, "k")).await;
    let (_, token) = ledger.claim_one(conn, first, Mode::Shared, ledger.now).await.unwrap();
    let (twin, other) =
        (ledger.enqueue(conn, keyed(2, "k")).await, ledger.enqueue(conn, keyed(3, "l")).await);
    let free = ledger.enqueue(conn, count(4)).await;
    assert_eq!(queue::dispatch(conn, &lanes, 10, ledger.now).await.unwrap().len(), 3);

    let claimed = ledger.claim(conn, &[twin, other, free], Mode::Shared, ledger.token(), ledger.now).await;
    assert_eq!(claimed.iter().map(|row| row.id).collect::<Vec<_>>(), [other, free]);
    assert!(queue::waiting(conn, &[twin], true, ledger.now).await.unwrap().is_empty());
    assert!(queue::dispatch(conn, &lanes, 10, ledger.now).await.unwrap().is_empty(), "it was dispatched");

    assert!(queue::finish(conn, &[first], token, ledger.now).await.unwrap());
    assert_eq!(queue::send_on_twins(conn, "stats.count", &["k".to_owned()]).await.unwrap(), 1);
    let again = queue::dispatch(conn, &lanes, 10, ledger.now).await.unwrap();
    assert_eq!(again.iter().map(|job| job.id).collect::<Vec<_>>(), [twin]);
    assert!(ledger.claim_one(conn, twin, Mode::Shared, ledger.now).await.is_some());
    ledger.drop().await;
}

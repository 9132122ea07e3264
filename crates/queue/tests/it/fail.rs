use std::time::Duration;

use queue::{Mode, Settled, Verdict};

use crate::support::{Ledger, count, ended, errors, keyed, row, run_at};

const PAUSE: Duration = Duration::from_secs(16);

#[tokio::test]
async fn a_retry_waits_and_the_last_attempt_is_death() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let id = ledger.enqueue(conn, count(1)).await;
    let mut now = ledger.now;
    for (attempt, expected) in [(1, Settled::Waits), (2, Settled::Waits), (3, Settled::Dead)] {
        let (claimed, token) = ledger.claim_one(conn, id, Mode::Shared, now).await.unwrap();
        assert_eq!(claimed.attempt, attempt);
        let error = format!("error {attempt}");
        let settled = queue::fail(conn, &claimed, token, Verdict::Retry(PAUSE), &error, now).await.unwrap();
        assert_eq!(settled, expected);
        if settled == Settled::Waits {
            assert_eq!(row(conn, id).await.unwrap(), format!("scheduled attempt={attempt} crashes=0"));
            assert_eq!(run_at(conn, id).await, now + PAUSE);
        }
        now += PAUSE;
        queue::promote_due(conn, &queue::Queue::ALL, 10, now).await.unwrap();
    }
    assert_eq!(ended(conn, id).await, ["dead"]);
    assert_eq!(errors(conn, id).await, ["error 1", "error 2", "error 3"]);
    ledger.drop().await;
}

#[tokio::test]
async fn an_abort_is_death_at_once_and_a_lost_lease_changes_nothing() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let (one, two) = (ledger.enqueue(conn, count(1)).await, ledger.enqueue(conn, count(2)).await);
    let (claimed, token) = ledger.claim_one(conn, one, Mode::Shared, ledger.now).await.unwrap();
    let dead = queue::fail(conn, &claimed, token, Verdict::Abort, "no", ledger.now).await.unwrap();
    assert_eq!((dead, ended(conn, one).await), (Settled::Dead, vec!["dead".to_owned()]));

    let (claimed, _) = ledger.claim_one(conn, two, Mode::Shared, ledger.now).await.unwrap();
    let another = ledger.token();
    for verdict in [Verdict::Abort, Verdict::Retry(PAUSE), Verdict::Crash(PAUSE)] {
        let settled = queue::fail(conn, &claimed, another, verdict, "no", ledger.now).await.unwrap();
        assert_eq!(settled, Settled::Lost);
    }
    assert_eq!(row(conn, two).await.unwrap(), "running attempt=1 crashes=0");
    ledger.drop().await;
}

#[tokio::test]
async fn three_panics_are_poison() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let id = ledger.enqueue(conn, count(1)).await;
    for expected in [Settled::Waits, Settled::Waits, Settled::Dead] {
        let (claimed, token) = ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.unwrap();
        let verdict = Verdict::Crash(Duration::ZERO);
        let settled = queue::fail(conn, &claimed, token, verdict, "panicked", ledger.now).await.unwrap();
        assert_eq!(settled, expected);
    }
    assert_eq!(errors(conn, id).await.len(), 3);
    ledger.drop().await;
}

#[tokio::test]
async fn a_retry_that_meets_a_waiting_twin_hands_over_what_it_learnt() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let first = ledger.enqueue(conn, keyed(1, "k")).await;
    let (claimed, token) = ledger.claim_one(conn, first, Mode::Shared, ledger.now).await.unwrap();
    let twin = ledger.enqueue(conn, keyed(2, "k")).await;

    let verdict = Verdict::Crash(PAUSE);
    let settled = queue::fail(conn, &claimed, token, verdict, "unlucky", ledger.now).await.unwrap();
    assert_eq!(settled, Settled::Superseded);
    assert_eq!(ended(conn, first).await, ["superseded"]);
    assert_eq!(row(conn, twin).await.unwrap(), "scheduled attempt=1 crashes=1");
    assert_eq!(
        run_at(conn, twin).await,
        ledger.now + PAUSE,
        "a stream of new facts does not undo the backoff"
    );
    assert_eq!(errors(conn, twin).await, ["unlucky"]);
    ledger.drop().await;
}

#[tokio::test]
async fn what_is_handed_back_waits_as_before_the_claim() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let id = ledger.enqueue(conn, count(1)).await;
    let (claimed, token) = ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.unwrap();
    let other = ledger.token();
    assert_eq!(queue::return_unblamed(conn, id, other, ledger.now).await.unwrap(), Settled::Lost);
    let settled = queue::fail(conn, &claimed, token, Verdict::HandBack, "", ledger.now).await.unwrap();
    assert_eq!(settled, Settled::Waits);
    assert_eq!(row(conn, id).await.unwrap(), "ready attempt=0 crashes=0");
    assert!(errors(conn, id).await.is_empty());
    assert!(ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.is_some(), "at once");
    ledger.drop().await;
}

use ids::AccountId;
use queue::{Mode, Queue, Verdict};

use crate::support::{Ledger, count, ended, errors, keyed, row};

async fn kill(ledger: &Ledger, conn: &mut diesel_async::AsyncPgConnection, job: queue::NewJob) -> ids::JobId {
    let id = ledger.enqueue(conn, job).await;
    let (claimed, token) = ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.unwrap();
    queue::fail(conn, &claimed, token, Verdict::Abort, "fatal", ledger.now).await.unwrap();
    id
}

#[tokio::test]
async fn a_dead_job_is_retried_with_its_errors_and_only_by_its_account() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let (mine, other): (AccountId, AccountId) = (ledger.ids.next(ledger.now), ledger.ids.next(ledger.now));
    let id = kill(&ledger, conn, count(1).account(mine)).await;
    assert_eq!(queue::retry_dead(conn, Some(other), id, ledger.now).await.unwrap(), None);
    assert_eq!(queue::retry_dead(conn, Some(mine), id, ledger.now).await.unwrap(), Some(id));
    assert_eq!(row(conn, id).await.unwrap(), "ready attempt=0 crashes=0");
    assert_eq!(errors(conn, id).await, ["fatal"]);
    assert_eq!(ended(conn, id).await, Vec::<String>::new());
    assert_eq!(queue::retry_dead(conn, None, id, ledger.now).await.unwrap(), None, "it is not dead any more");
    ledger.drop().await;
}

#[tokio::test]
async fn a_dead_job_whose_twin_waits_is_retried_as_the_twin_at_once() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let dead = kill(&ledger, conn, keyed(1, "k")).await;
    let twin = ledger.enqueue(conn, keyed(2, "k").run_at(ledger.after(600))).await;
    assert_eq!(queue::retry_dead(conn, None, dead, ledger.now).await.unwrap(), Some(twin));
    assert_eq!(row(conn, twin).await.unwrap(), "ready attempt=0 crashes=0");
    assert_eq!(errors(conn, twin).await, ["fatal"]);
    ledger.drop().await;
}

#[tokio::test]
async fn only_what_waits_is_cancelled() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let (waits, runs) = (ledger.enqueue(conn, count(1)).await, ledger.enqueue(conn, count(2)).await);
    ledger.claim_one(conn, runs, Mode::Shared, ledger.now).await.unwrap();
    assert!(!queue::cancel(conn, None, runs, "usr_1", ledger.now).await.unwrap());
    let stranger: AccountId = ledger.ids.next(ledger.now);
    assert!(!queue::cancel(conn, Some(stranger), waits, "usr_1", ledger.now).await.unwrap());
    assert!(queue::cancel(conn, None, waits, "usr_1", ledger.now).await.unwrap());
    assert_eq!(ended(conn, waits).await, ["cancelled"]);
    assert_eq!(errors(conn, waits).await, ["cancelled by usr_1"]);
    ledger.drop().await;
}

#[tokio::test]
async fn figures_count_each_state() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    kill(&ledger, conn, count(0)).await;
    let jobs = [count(1), count(2), count(3), count(4).run_at(ledger.after(60))];
    let ids = queue::enqueue(conn, ledger.now, &ledger.ids, &jobs).await.unwrap();
    queue::dispatch(conn, &[("stats", "stats.count")], 1, ledger.now).await.unwrap();
    ledger.claim_one(conn, ids[2], Mode::Shared, ledger.now).await.unwrap();
    queue::pause(conn, Queue::Emails, "usr_1", ledger.now).await.unwrap();

    let figures = queue::figures(conn, ledger.now).await.unwrap();
    assert_eq!(figures.len(), Queue::ALL.len());
    let stats = figures.iter().find(|figures| figures.queue == "stats").unwrap();
    let counted = (stats.ready, stats.scheduled, stats.running, stats.dead, stats.paused);
    assert_eq!(counted, (2, 1, 1, 1, false));
    assert_eq!(stats.oldest_ready_at, Some(ledger.now));
    assert!(figures.iter().any(|figures| figures.queue == "emails" && figures.paused));
    ledger.drop().await;
}

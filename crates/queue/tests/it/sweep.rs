use queue::{Mode, Settled};

use crate::support::{Ledger, count, ended, errors, keyed, row, run_at};

#[tokio::test]
async fn a_crash_in_company_blames_nobody_and_the_third_alone_is_poison() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let id = ledger.enqueue(conn, count(1)).await;
    let after_crashes = [
        "ready attempt=0 crashes=0 alone",
        "ready attempt=0 crashes=1 alone",
        "ready attempt=0 crashes=2 alone",
    ];
    let mut now = ledger.now;
    let mut mode = Mode::Shared;
    for expected in after_crashes {
        ledger.claim_one(conn, id, mode, now).await.unwrap();
        assert!(queue::sweep(conn, now).await.unwrap().is_empty(), "the lease still holds");
        now += chrono::TimeDelta::seconds(30);
        assert_eq!(queue::sweep(conn, now).await.unwrap(), [(id, Settled::Waits)]);
        assert_eq!(row(conn, id).await.unwrap(), expected);
        assert!(ledger.claim_one(conn, id, Mode::Shared, now).await.is_none(), "never beside others again");
        mode = Mode::Alone;
    }
    ledger.claim_one(conn, id, mode, now).await.unwrap();
    let swept = queue::sweep(conn, now + chrono::TimeDelta::seconds(30)).await.unwrap();
    assert_eq!(swept, [(id, Settled::Dead)]);
    assert_eq!(ended(conn, id).await, ["dead"]);
    let errors = errors(conn, id).await;
    assert_eq!(errors.len(), 4, "every crash is kept");
    assert!(errors[0].ends_with("beside others") && errors[3].ends_with("alone"));
    ledger.drop().await;
}

#[tokio::test]
async fn a_swept_job_that_meets_a_waiting_twin_is_superseded_and_the_twin_keeps_its_time() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let first = ledger.enqueue(conn, keyed(1, "k")).await;
    ledger.claim_one(conn, first, Mode::Shared, ledger.now).await.unwrap();
    let twin = ledger.enqueue(conn, keyed(2, "k").run_at(ledger.after(10))).await;
    let late = ledger.after(31);
    assert_eq!(queue::sweep(conn, late).await.unwrap(), [(first, Settled::Superseded)]);
    assert_eq!(row(conn, twin).await.unwrap(), "ready attempt=0 crashes=0 alone");
    assert_eq!(run_at(conn, twin).await, ledger.after(10));
    assert_eq!(errors(conn, twin).await.len(), 1);
    ledger.drop().await;
}

#[tokio::test]
async fn two_sweepers_at_once_take_each_row_back_once() {
    let ledger = Ledger::new().await;
    let (one, two) = (&mut ledger.connect().await, &mut ledger.connect().await);
    for number in 0..20 {
        let id = ledger.enqueue(one, count(number)).await;
        ledger.claim_one(one, id, Mode::Shared, ledger.now).await.unwrap();
    }
    let late = ledger.after(31);
    let (first, second) = tokio::join!(queue::sweep(one, late), queue::sweep(two, late));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.len() + second.len(), 20);
    ledger.drop().await;
}

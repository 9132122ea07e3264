use std::sync::Arc;

use chrono::TimeDelta;
use diesel_async::AsyncConnection;
use domain::payout_batches::{
    Answer, Next, PayoutSubmission, Settlement, SubmissionStatus, Verdict, settle, settle_by_hand,
};
use jobs::{Call, Progress};
use payout_providers::{PayPal, fakes::Fault, paypal::PayPalConfig};
use tokio_util::sync::CancellationToken;

use super::till::Till;

/// The provider accepted, and we do not know: it is looked up, and each payout is paid once.
async fn accepted_without_an_answer(fault: Fault) {
    let mut till = Till::open(3).await;
    let (batch, _) = till.cut().await;
    till.paypal.fault(fault);
    till.work().await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Unknown, "{fault:?}");
    assert_eq!(till.journal().len(), 3);
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 0, RESERVED 3702", "what is unknown stays reserved");
    till.after(TimeDelta::minutes(1)).await;
    till.assert_once("PAID").await;
    let attempts = "SELECT number || ' ' || outcome AS line FROM payout_attempts ORDER BY number";
    assert_eq!(till.office.lines(attempts).await, ["1 SUCCEEDED"], "looked up, not sent again");
}

#[tokio::test]
async fn no_answer_after_accepting() {
    accepted_without_an_answer(Fault::HangAfterAccepting).await;
}

#[tokio::test]
async fn a_connection_that_breaks_after_accepting() {
    accepted_without_an_answer(Fault::DropAfterAccepting).await;
}

#[tokio::test]
async fn an_error_after_accepting() {
    accepted_without_an_answer(Fault::ErrorAfterAccepting).await;
}

#[tokio::test]
async fn words_that_cannot_be_read_after_accepting() {
    accepted_without_an_answer(Fault::GarbledAfterAccepting).await;
}

#[tokio::test]
async fn an_error_before_accepting_is_looked_up_and_then_paid() {
    let mut till = Till::open(2).await;
    let (batch, _) = till.cut().await;
    till.paypal.fault(Fault::ErrorBeforeAccepting);
    till.work().await;
    assert_eq!((till.journal().len(), till.submission(&batch).await.status), (0, SubmissionStatus::Unknown));
    till.after(TimeDelta::minutes(1)).await;
    till.assert_once("PAID").await;
}

/// The process dies when the attempt is written down, and before the call.
#[tokio::test]
async fn a_worker_that_dies_before_the_call() {
    let mut till = Till::open(2).await;
    let (_, submission) = till.cut().await;
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    let next =
        PayoutSubmission::next(conn, (submission.account_id, submission.id), None, &act).await.unwrap();
    assert!(matches!(next, Next::Send(_)));
    till.after(TimeDelta::minutes(2)).await;
    till.assert_once("PAID").await;
}

/// The process dies when the provider has answered, and before that is recorded.
#[tokio::test]
async fn a_worker_that_dies_after_the_call() {
    let mut till = Till::open(2).await;
    let (_, submission) = till.cut().await;
    let (handler, job) = till.sender(&submission);
    let (sender, mut ends) = tokio::sync::mpsc::unbounded_channel();
    handler.call(&[job], &Progress::new(CancellationToken::new(), sender)).await;
    assert!(ends.recv().await.unwrap().1.is_ok_and(|end| end.is_some()), "it was accepted");
    assert_eq!(till.journal().len(), 2);
    assert_eq!(till.office.lines("SELECT status AS line FROM payout_submissions").await, ["IN_FLIGHT"]);
    till.after(TimeDelta::minutes(2)).await;
    till.assert_once("PAID").await;
}

/// Gives a submission to a worker, and drops its future in the middle of the call, after PayPal has accepted.
async fn die_in_the_call(till: &Till, submission: &PayoutSubmission) {
    till.paypal.fault(Fault::HangAfterAccepting);
    let (handler, job) = till.sender(submission);
    let (sender, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let calling = async {
        handler.call(&[job], &Progress::new(CancellationToken::new(), sender)).await;
    };
    tokio::select! {
        () = calling => panic!("the call ends by itself"),
        () = async { while till.journal().is_empty() { tokio::time::sleep(std::time::Duration::from_millis(5)).await } } => {}
    }
    assert!(ends.recv().await.is_none(), "nobody heard of it");
}

#[tokio::test]
async fn a_worker_that_dies_in_the_call() {
    let mut till = Till::open(2).await;
    let (_, submission) = till.cut().await;
    die_in_the_call(&till, &submission).await;
    till.after(TimeDelta::minutes(2)).await;
    till.assert_once("PAID").await;
}

/// A till with two payees, whose client waits as long as real ones do.
async fn patient() -> Till {
    let mut till = Till::open(2).await;
    let settles_within = std::time::Duration::from_secs(600);
    let patient = PayPal::new(PayPalConfig { settles_within, ..till.paypal.config() }).unwrap();
    till.providers.paypal = Some(Arc::new(patient));
    till
}

/// One of them asks, and the others wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_look_ups_at_once_one_asks() {
    let mut till = patient().await;
    let (batch, submission) = till.cut().await;
    till.paypal.fault(Fault::DropBeforeAccepting);
    till.work().await;
    till.office.pass(TimeDelta::minutes(11));
    ten_at_once(&till, &submission).await;
    assert_eq!(till.paypal.asked(), 2, "the first time, and one of the ten");
    till.assert_once("SENDING").await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Accepted);
    let attempts =
        "SELECT number || ' ' || outcome || ' ' || (asked_at - started_at) AS line FROM payout_attempts";
    assert_eq!(till.office.lines(attempts).await, ["1 SUCCEEDED 00:11:00"]);
    till.after(TimeDelta::minutes(1)).await;
    till.assert_once("PAID").await;
}

/// A process whose clock is behind that of the first one asks all the same, and takes nothing off the time of asking.
#[tokio::test]
async fn a_clock_that_is_behind_asks_again() {
    let till = Till::open(1).await;
    let (_, submission) = till.cut().await;
    till.paypal.fault(Fault::DropBeforeAccepting);
    till.work().await;
    let (mut act, conn) = (till.office.act(), &mut *till.office.conn().await);
    let of = (submission.account_id, submission.id);
    let next = PayoutSubmission::next(conn, of, None, &act).await.unwrap();
    let Next::LookUp { attempt, ended_at, .. } = next else { panic!("{next:?}") };
    let meant: Vec<_> = till.payouts().await.iter().map(|payout| payout.id).collect();
    act.now -= TimeDelta::seconds(1);
    // What ended at another time, somebody else has asked about meanwhile.
    let other = (attempt, ended_at - TimeDelta::seconds(1), meant.as_slice());
    let others = (attempt, ended_at, [].as_slice());
    let this = (attempt, ended_at, meant.as_slice());
    for (what, is_possible) in [(other, false), (others, false), (this, true), (this, false)] {
        let asks = PayoutSubmission::asks_again(conn, of, what, &act).await.unwrap();
        assert_eq!(asks, is_possible, "{what:?}");
    }
    let asked = "SELECT (asked_at - started_at)::text AS line FROM payout_attempts";
    assert_eq!(till.office.lines(asked).await, ["00:00:00"]);
}

/// What a look-up has asked for is not settled by hand before PayPal has had its time with it.
#[tokio::test]
async fn nobody_settles_by_hand_what_was_asked_for_again() {
    let mut till = patient().await;
    let (_, submission) = till.cut().await;
    for payout in till.payouts().await {
        till.paypal.script(&payout.id.to_string(), &["PENDING"]);
    }
    till.paypal.fault(Fault::DropBeforeAccepting);
    till.work().await;
    till.office.pass(TimeDelta::days(20));
    ten_at_once(&till, &submission).await;
    let payout_id = till.payouts().await[0].id;
    let verdict = Verdict::Failed { code: "X".to_owned(), reason: "x".to_owned() };
    let failed = [Settlement { payout_id, verdict }];
    for (days, is_possible) in [(28, false), (2, true)] {
        till.office.pass(TimeDelta::days(days));
        let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
        let told = settle_by_hand(conn, &till.office.scope, &failed, &act).await;
        assert_eq!(told.is_ok(), is_possible, "{told:?}");
    }
}

/// A look-up at PayPal posts too: nobody posts beside it.
#[tokio::test]
async fn a_worker_that_dies_in_a_look_up_is_waited_for() {
    let mut till = patient().await;
    let (batch, submission) = till.cut().await;
    till.paypal.fault(Fault::DropBeforeAccepting);
    till.work().await;
    let why = "SELECT error AS line FROM payout_attempts";
    let (unknown, said) = (till.submission(&batch).await.status, till.office.lines(why).await);
    assert_eq!((unknown, till.journal().len()), (SubmissionStatus::Unknown, 0));
    till.after(TimeDelta::minutes(5)).await;
    assert_eq!(till.office.lines(why).await, said, "nobody asked, and the answer of the first time stays");
    till.office.pass(TimeDelta::minutes(6));
    die_in_the_call(&till, &submission).await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::InFlight);
    for _ in 0..3 {
        till.after(TimeDelta::minutes(3)).await;
        assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Unknown, "it may be on its way");
    }
    till.after(TimeDelta::minutes(5)).await;
    till.assert_once("PAID").await;
}

/// Ten workers do the same submission at once.
async fn ten_at_once(till: &Till, submission: &PayoutSubmission) {
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let ((handler, job), db, now) = (till.sender(submission), till.office.db.clone(), till.office.now);
        workers.spawn(async move {
            let (sender, mut ends) = tokio::sync::mpsc::unbounded_channel();
            handler.call(std::slice::from_ref(&job), &Progress::new(CancellationToken::new(), sender)).await;
            if let Some((_, Ok(end))) = ends.recv().await {
                handler.record(&mut db.get().await.unwrap(), &[(&job, &end)], now).await.unwrap();
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
}

/// Ten workers begin the same submission at once: leases are lost and taken over, and jobs are pushed twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_workers_at_once() {
    let mut till = Till::open(5).await;
    let (_, submission) = till.cut().await;
    till.paypal.fault(Fault::ErrorAfterAccepting);
    ten_at_once(&till, &submission).await;
    till.after(TimeDelta::minutes(2)).await;
    till.assert_once("PAID").await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 6170, RESERVED 0");
}

/// Whoever loaded the payouts long ago does not send those that have ended since.
#[tokio::test]
async fn a_worker_that_comes_late_sends_nothing_that_has_ended() {
    let till = Till::open(2).await;
    let (_, submission) = till.cut().await;
    let of = (submission.account_id, submission.id);
    let all: Vec<_> = till.payouts().await.iter().map(|payout| payout.id).collect();
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    let verdict = Verdict::Failed { code: "X".to_owned(), reason: "x".to_owned() };
    let failed = Settlement { payout_id: all[0], verdict };
    conn.transaction(async |conn| settle(conn, of.0, &[failed], &act).await).await.unwrap();
    assert_eq!(PayoutSubmission::next(conn, of, Some(&all), &act).await.unwrap(), Next::Changed);
    assert_eq!(till.office.lines("SELECT id::text AS line FROM payout_attempts").await, [""; 0]);
    let next = PayoutSubmission::next(conn, of, Some(&all[1..]), &act).await.unwrap();
    assert!(matches!(next, Next::Send(_)), "{next:?}");
}

/// That the provider has it holds, whatever another worker was told.
#[tokio::test]
async fn what_was_accepted_is_accepted_also_after_a_refusal() {
    let mut till = Till::open(2).await;
    let (batch, submission) = till.cut().await;
    let of = (submission.account_id, submission.id);
    let (handler, job) = till.sender(&submission);
    let (sender, mut ends) = tokio::sync::mpsc::unbounded_channel();
    handler.call(&[job], &Progress::new(CancellationToken::new(), sender)).await;
    let (attempt, accepted) = ends.recv().await.unwrap().1.unwrap().unwrap();
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    let refused = Answer::Refused { why: "no".to_owned() };
    for (answer, is_told) in [(&refused, true), (&refused, false), (&accepted, true), (&refused, false)] {
        let told = PayoutSubmission::answered(conn, of, attempt, answer, &act).await.unwrap();
        assert_eq!(told, is_told, "{answer:?}");
    }
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Accepted);
    till.after(TimeDelta::minutes(2)).await;
    till.assert_once("PAID").await;
}

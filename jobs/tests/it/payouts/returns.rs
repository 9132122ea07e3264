use chrono::TimeDelta;
use domain::{
    payout_batches::{BatchStatus, NotBelieved, PayoutBatch, PollSubmission, Rail, Retry},
    payouts::PayoutStatus,
};
use queue::NewJob;

use super::till::{EACH, Till, heard};

#[tokio::test]
async fn what_fails_is_available_again_and_told() {
    let mut till = Till::open(3).await;
    let (batch, _) = till.cut().await;
    let failing = &till.payouts().await[1];
    till.paypal.script(&failing.id.to_string(), &["FAILED:RECEIVER_ACCOUNT_LOCKED"]);
    till.work().await;
    let payouts = till.payouts().await;
    let stands: Vec<PayoutStatus> = payouts.iter().map(|payout| payout.status).collect();
    assert_eq!(stands, [PayoutStatus::Paid, PayoutStatus::Failed, PayoutStatus::Paid]);
    assert_eq!(payouts[1].failure_code.as_deref(), Some("RECEIVER_ACCOUNT_LOCKED"));
    assert_eq!(till.balances().await, "AVAILABLE 1234, PAID 2468, RESERVED 0");
    let conn = &mut *till.office.conn().await;
    let after = PayoutBatch::find(conn, &till.office.scope, batch.id).await.unwrap().unwrap();
    assert_eq!((after.status, after.paid, after.failed), (BatchStatus::PartlyFailed, 2, 1));
    let told = (0..3)
        .filter(|number| till.told(&format!("partner-{number}@example.com")).contains(&"payout_failed"));
    assert_eq!(told.count(), 1);
    till.assert_verified().await;

    let (act, key) = (till.office.act(), "again");
    let again = Retry { batch_id: batch.id, rail: None, idempotency_key: key };
    let retry = PayoutBatch::retry(conn, &till.office.scope, again, &act).await.unwrap();
    till.work().await;
    let retry = PayoutBatch::find(conn, &till.office.scope, retry.id).await.unwrap().unwrap();
    assert_eq!((retry.payouts, retry.total), (1, EACH));
    till.execute(&retry).await;
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 3702, RESERVED 0");
    assert_eq!(till.journal().len(), 4, "the failed one and its retry, which has a name of its own");
    till.assert_verified().await;
    till.after(TimeDelta::days(40)).await;
}

#[tokio::test]
async fn what_nobody_claims_is_asked_about_until_it_comes_back() {
    let mut till = Till::open(1).await;
    let (_, _) = till.cut().await;
    let payout = till.payouts().await.remove(0);
    till.paypal.script(&payout.id.to_string(), &["UNCLAIMED:RECEIVER_UNREGISTERED"]);
    till.work().await;
    for pause in [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600] {
        let waits = "SELECT extract(epoch FROM run_at - created_at)::bigint::text AS line FROM jobs WHERE kind = 'payouts.poll'";
        assert_eq!(till.office.lines(waits).await, [pause.to_string()]);
        till.after(TimeDelta::seconds(pause)).await;
    }
    assert_eq!(till.payouts().await[0].status, PayoutStatus::Sending);
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 0, RESERVED 1234");
    till.paypal.script(&payout.id.to_string(), &["RETURNED:RECEIVER_UNREGISTERED"]);
    till.after(TimeDelta::hours(1)).await;
    assert_eq!(till.payouts().await[0].status, PayoutStatus::Failed);
    assert_eq!(till.balances().await, "AVAILABLE 1234, PAID 0, RESERVED 0");
    assert_eq!(till.office.lines("SELECT kind AS line FROM jobs WHERE kind = 'payouts.poll'").await.len(), 0);
    till.assert_verified().await;
}

#[tokio::test]
async fn what_was_paid_and_comes_back_is_told_to_partner_and_owners() {
    let mut till = Till::open(2).await;
    let (batch, submission) = till.cut().await;
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 2468, RESERVED 0");
    let payout = till.payouts().await.remove(0);
    till.paypal.script(&payout.id.to_string(), &["RETURNED"]);
    till.office.pass(TimeDelta::hours(1));
    let (account_id, submission_id) = (batch.account_id, submission.id);
    let job = PollSubmission { account_id, submission_id, quiet: 0, told: true };
    for _ in 0..2 {
        let (now, jobs) = (till.office.now, [NewJob::of(&job).account(account_id)]);
        queue::enqueue(&mut *till.office.conn().await, now, &till.office.ids, &jobs).await.unwrap();
        till.work().await;
    }
    assert_eq!(till.payouts().await[0].status, PayoutStatus::Returned);
    assert_eq!(till.balances().await, "AVAILABLE 1234, PAID 1234, RESERVED 0");
    assert!(till.told("olivia@acme.example").contains(&"payout_returned"));
    let told = ["partner-0@example.com", "partner-1@example.com"].map(|partner| till.told(partner));
    assert_eq!(told.iter().flatten().filter(|template| **template == "payout_returned").count(), 1);
    let conn = &mut *till.office.conn().await;
    let after = PayoutBatch::find(conn, &till.office.scope, batch.id).await.unwrap().unwrap();
    assert_eq!((after.status, after.paid, after.failed), (BatchStatus::PartlyFailed, 1, 1));
    till.assert_verified().await;
    let waits = "SELECT args ->> 'quiet' AS line FROM jobs WHERE kind = 'payouts.poll'";
    assert_eq!(till.office.lines(waits).await.len(), 1, "the daily question stays one");
    let again = till.batch(Rail::Paypal).await;
    assert_eq!((again.payouts, again.total), (1, EACH));
}

#[tokio::test]
async fn a_webhook_makes_somebody_ask_and_is_not_believed_itself() {
    let mut till = Till::open(2).await;
    let (_, submission) = till.cut().await;
    let pending = till.payouts().await.remove(0).id.to_string();
    till.paypal.script(&pending, &["PENDING", "PENDING"]);
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 1234, RESERVED 1234");
    till.paypal.script(&pending, &["SUCCESS"]);
    till.office.pass(TimeDelta::seconds(1));
    let (transmission, body) = till.paypal.payment_webhook("WH-1", &pending).unwrap();
    let waits = "SELECT unique_key AS line FROM jobs WHERE state = 'ready' AND kind = 'payouts.poll'";

    let forged = body.replace("SUCCEEDED", "FAILED").replace("SUCCESS", "FAILED");
    assert_eq!(heard(&till, &transmission, &forged).await, Err(NotBelieved::Forged));
    assert_eq!(heard(&till, &transmission, "no webhook").await, Err(NotBelieved::Forged));
    let strange = body.replace(&pending, "pay_00000000000000000000000000");
    assert_eq!(heard(&till, &transmission, &strange).await, Ok(()), "nothing of ours");
    assert!(till.office.lines(waits).await.is_empty());

    for _ in 0..3 {
        assert_eq!(heard(&till, &transmission, &body).await, Ok(()));
    }
    assert_eq!(till.office.lines(waits).await, [format!("{}:told", submission.id)], "once while it waits");
    till.work().await;
    till.assert_once("PAID").await;
}

#[tokio::test]
async fn a_webhook_of_a_batch_is_known_by_the_providers_own_name_of_it() {
    let till = Till::open(1).await;
    let (batch, submission) = till.cut().await;
    till.work().await;
    let known = till.submission(&batch).await.provider_reference.unwrap();
    let waits = "SELECT unique_key AS line FROM jobs WHERE state = 'ready' AND kind = 'payouts.poll'";
    let (transmission, body) = till.paypal.nameless_batch_webhook("WH-1", &known).unwrap();
    let strange = body.replace(&known, "NOSUCHBATCH");
    assert_eq!(heard(&till, &transmission, &strange).await, Ok(()), "nothing of ours");
    assert!(till.office.lines(waits).await.is_empty());
    let forged = body.replace("SUCCESS", "DENIED");
    assert_eq!(heard(&till, &transmission, &forged).await, Err(NotBelieved::Forged));
    assert_eq!(heard(&till, &transmission, &body).await, Ok(()));
    assert_eq!(till.office.lines(waits).await, [format!("{}:told", submission.id)]);
    till.work().await;
    till.assert_once("PAID").await;
}

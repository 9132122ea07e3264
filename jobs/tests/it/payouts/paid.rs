use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    payout_batches::{
        BatchStatus, PayoutBatch, PayoutSubmission, Rail, RetrySubmissionError, SubmissionStatus,
        SubmitPayouts,
    },
    payout_methods::PayoutMethod,
    payouts::{Decision, NewRequest, Payout},
};
use ids::{PartnerId, TypedId};
use jobs::PaysFor;
use payout_providers::{
    PayPal,
    fakes::{FakePayPal, Fault},
    paypal::PayPalConfig,
};
use queue::NewJob;

use super::till::{EACH, Till};

#[tokio::test]
async fn a_batch_is_paid_and_everybody_is_told() {
    let mut till = Till::open(3).await;
    let batch = till.batch(Rail::Paypal).await;
    assert_eq!((batch.status, batch.payouts, batch.total), (BatchStatus::Approved, 3, 3 * EACH));
    till.execute(&batch).await;
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 3702, RESERVED 0");
    till.assert_once("PAID").await;
    let conn = &mut *till.office.conn().await;
    let after = PayoutBatch::find(conn, &till.office.scope, batch.id).await.unwrap().unwrap();
    assert_eq!(after.status, BatchStatus::Completed);
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Done);
    let (partner, owner) = ("partner-1@example.com", "olivia@acme.example");
    assert_eq!(
        till.told(partner),
        ["partner_approved", "payout_method_changed", "payout_paid", "reward_created"]
    );
    assert_eq!(till.told(owner), ["payout_batch_completed", "payout_batch_frozen"]);
    let rows = "SELECT coalesce(string_agg(t, ' '), '') AS line FROM (SELECT j::text AS t FROM job_history j UNION ALL \
                SELECT j::text FROM jobs j UNION ALL SELECT e::text FROM events e UNION ALL \
                SELECT a::text FROM audit_entries a UNION ALL SELECT a::text FROM payout_attempts a) rows";
    let stored = till.office.lines(rows).await.remove(0);
    assert!(!stored.contains("payee-"), "where money goes stands in clear nowhere");
    till.after(TimeDelta::days(36)).await;
    assert_eq!(till.office.lines("SELECT kind AS line FROM jobs").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_not_sent_is_sent_later() {
    let mut till = Till::open(2).await;
    let (batch, _) = till.cut().await;
    till.paypal.fault(Fault::TooManyCalls);
    till.work().await;
    assert_eq!((till.journal().len(), till.submission(&batch).await.status), (0, SubmissionStatus::Pending));
    till.after(TimeDelta::seconds(30)).await;
    till.assert_once("PAID").await;
    let attempts = "SELECT number || ' ' || outcome AS line FROM payout_attempts ORDER BY number";
    assert_eq!(till.office.lines(attempts).await, ["1 FAILED", "2 SUCCEEDED"]);
}

#[tokio::test]
async fn what_is_refused_waits_for_a_person_who_retries_or_cancels() {
    let mut till = Till::open(2).await;
    till.paypal.fault(Fault::InsufficientFunds);
    let (batch, submission) = till.cut().await;
    till.work().await;
    till.after(TimeDelta::days(1)).await;
    assert_eq!((till.journal().len(), till.submission(&batch).await.status), (0, SubmissionStatus::Refused));
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 0, RESERVED 2468");

    till.paypal.fault(Fault::InsufficientFunds);
    let job = SubmitPayouts { account_id: batch.account_id, submission_id: submission.id };
    let jobs = [NewJob::of(&job).account(batch.account_id)];
    let (now, ids) = (till.office.now, till.office.ids.clone());
    queue::enqueue(&mut *till.office.conn().await, now, &ids, &jobs).await.unwrap();
    till.work().await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Refused);

    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    PayoutBatch::cancel(conn, &till.office.scope, batch.id, &act).await.unwrap();
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 2468, PAID 0, RESERVED 0");
    till.assert_verified().await;

    let again = till.batch(Rail::Paypal).await;
    till.execute(&again).await;
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 2468, RESERVED 0");
    assert_eq!(till.journal().len(), 2);
}

#[tokio::test]
async fn who_is_paid_nowhere_any_more_is_told() {
    let till = Till::open(1).await;
    let partner = till.office.lines("SELECT id::text AS line FROM partners").await.remove(0);
    let partner = PartnerId::from_uuid(partner.parse().unwrap());
    {
        let (conn, act) = (&mut *till.office.conn().await, till.office.act());
        PayoutMethod::archive(conn, &till.office.scope, partner, &act).await.unwrap();
    }
    till.work().await;
    let told = till.told("partner-0@example.com");
    assert!(told.contains(&"payout_method_archived"), "{told:?}");
}

#[tokio::test]
async fn what_cannot_be_paid_is_given_back_also_at_a_later_try() {
    let mut till = Till::open(2).await;
    let (batch, submission) = till.cut().await;
    till.office.lines("UPDATE payout_methods SET details = '\\x00' WHERE id = (SELECT min(id::text)::uuid FROM payout_methods) RETURNING id::text AS line").await;
    till.providers.pays_for = PaysFor::Accounts(Vec::new());
    till.work().await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Refused);
    till.providers.pays_for = PaysFor::Everybody;
    {
        let (conn, act) = (&mut *till.office.conn().await, till.office.act());
        PayoutSubmission::retry(conn, &till.office.scope, submission.id, &act).await.unwrap();
    }
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 1234, PAID 1234, RESERVED 0");
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Done);
    till.assert_verified().await;
}

/// Who had been told of a payout is told that it will not be made; who had not is not.
#[tokio::test]
async fn a_partner_hears_that_their_request_was_cancelled() {
    let till = Till::open(2).await;
    let partner = till.office.lines("SELECT id::text AS line FROM partners ORDER BY id").await.remove(0);
    let said = NewRequest {
        partner_id: PartnerId::from_uuid(partner.parse().unwrap()),
        currency: None,
        rewards: None,
        invoice_id: None,
        idempotency_key: "k".to_owned(),
    };
    let (scope, act) = (&till.office.scope, till.office.act());
    {
        let conn = &mut *till.office.conn().await;
        let payout = Payout::request(conn, scope, &said, &act).await.unwrap();
        Payout::decide(conn, scope, &[payout.id], &Decision::Cancel, &act).await.unwrap();
    }
    let batch = till.batch(Rail::Paypal).await;
    {
        let conn = &mut *till.office.conn().await;
        PayoutBatch::cancel(conn, scope, batch.id, &act).await.unwrap();
    }
    till.work().await;
    let told = ["partner-0@example.com", "partner-1@example.com"].map(|address| {
        till.told(address).into_iter().filter(|template| *template == "payout_cancelled").count()
    });
    assert_eq!(told, [1, 0]);
    assert_eq!(till.office.lines("SELECT status AS line FROM payouts").await, ["CANCELLED"; 3]);
}

/// Whoever writes another key under the name of the old one must not fail everybody's payout.
#[tokio::test]
async fn another_key_of_the_same_name_fails_nobody() {
    let mut till = Till::open(2).await;
    let (batch, submission) = till.cut().await;
    let other = format!("k1:{}=", "E".repeat(43)).parse().unwrap();
    let right = till.vault.replace(Arc::new(other));
    till.work().await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Refused);
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 0, RESERVED 2468");
    till.vault = right;
    {
        let (conn, act) = (&mut *till.office.conn().await, till.office.act());
        PayoutSubmission::retry(conn, &till.office.scope, submission.id, &act).await.unwrap();
    }
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 2468, RESERVED 0");
    till.assert_verified().await;
}

/// A job gives up after its attempts; a person takes the submission up again, and it is looked up before anything is sent.
#[tokio::test]
async fn what_nobody_works_on_any_more_is_taken_up_again() {
    let mut till = Till::open(2).await;
    let (batch, submission) = till.cut().await;
    for payout in till.payouts().await {
        till.paypal.script(&payout.id.to_string(), &["PENDING", "SUCCESS"]);
    }
    till.paypal.fault(Fault::DropAfterAccepting);
    till.work().await;
    for expected in [SubmissionStatus::Unknown, SubmissionStatus::Accepted] {
        till.office.lines("DELETE FROM jobs RETURNING id::text AS line").await;
        till.after(TimeDelta::hours(1)).await;
        assert_eq!(till.submission(&batch).await.status, expected);
        let (conn, act) = (&mut *till.office.conn().await, till.office.act());
        PayoutSubmission::retry(conn, &till.office.scope, submission.id, &act).await.unwrap();
        till.work().await;
    }
    till.assert_once("PAID").await;
    let (conn, act) = (&mut *till.office.conn().await, till.office.act());
    let ended = PayoutSubmission::retry(conn, &till.office.scope, submission.id, &act).await;
    assert!(matches!(ended, Err(RetrySubmissionError::WrongState { current: SubmissionStatus::Done })));
}

#[tokio::test]
async fn another_account_at_the_provider_is_not_asked_about_what_it_does_not_know() {
    let mut till = Till::open(1).await;
    let (batch, _) = till.cut().await;
    till.paypal.fault(Fault::DropAfterAccepting);
    till.work().await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Unknown);
    let other = FakePayPal::start().await.unwrap();
    let config = PayPalConfig { client_id: "another".to_owned(), ..other.config() };
    till.providers.paypal = Some(Arc::new(PayPal::new(config).unwrap()));
    till.after(TimeDelta::hours(1)).await;
    assert_eq!((other.journal().len(), till.submission(&batch).await.status), (0, SubmissionStatus::Unknown));
    till.providers.paypal = Some(Arc::new(PayPal::new(till.paypal.config()).unwrap()));
    till.after(TimeDelta::days(1)).await;
    till.assert_once("PAID").await;
}

#[tokio::test]
async fn nobody_pays_with_the_money_of_another() {
    let mut till = Till::open(1).await;
    let (batch, _) = till.cut().await;
    till.providers.pays_for = PaysFor::Accounts(vec![till.office.ids.next(till.office.now)]);
    till.work().await;
    assert_eq!((till.journal().len(), till.submission(&batch).await.status), (0, SubmissionStatus::Refused));
    let why = till.office.lines("SELECT error AS line FROM payout_attempts").await.remove(0);
    assert!(why.contains("does not pay for this account"), "{why}");
}

#[tokio::test]
async fn without_keys_or_a_provider_nothing_is_lost() {
    let mut till = Till::open(1).await;
    let (batch, submission) = till.cut().await;
    let vault = till.vault.take();
    till.work().await;
    let refused = till.submission(&batch).await;
    assert_eq!((refused.status, refused.total), (SubmissionStatus::Refused, EACH));
    let why = till.office.lines("SELECT error AS line FROM payout_attempts").await.remove(0);
    assert!(why.contains("PAYOUT_KEYS"), "{why}");
    till.vault = vault;
    let (handler, job) = till.sender(&submission);
    let (sender, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let progress = jobs::Progress::new(Default::default(), sender);
    jobs::Call::call(&handler, std::slice::from_ref(&job), &progress).await;
    let (_, end) = tokio::time::timeout(Duration::from_secs(5), ends.recv()).await.unwrap().unwrap();
    let end = end.unwrap();
    jobs::Call::record(&handler, &mut *till.office.conn().await, &[(&job, &end)], till.office.now)
        .await
        .unwrap();
    till.work().await;
    till.assert_once("PAID").await;
}

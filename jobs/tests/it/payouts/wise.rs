use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    payout_batches::{ExecuteBatch, Next, PayoutBatch, PayoutSubmission, Rail, SubmissionStatus},
    payout_policies::{FeePayer, PayoutPolicy, PolicyChanges, Whose},
    payouts::PayoutStatus,
};
use jobs::Providers;
use money::Currency;
use payout_details::{LegalType, PayoutDetailsInput, WiseReceiverInput};
use payout_providers::{
    Wise,
    fakes::{FakeWise, Fault},
};

use super::till::Till;

pub fn by_email(number: usize) -> PayoutDetailsInput {
    let receiver = WiseReceiverInput::Email(format!("payee-{number}@example.com"));
    let (holder, currency) = (format!("Payee Number {number}"), Currency::USD);
    PayoutDetailsInput::Wise { holder, legal_type: LegalType::Private, currency, receiver }
}

/// A till that pays by Wise, and pays nobody yet.
pub async fn open() -> (Till, FakeWise) {
    let wise = FakeWise::start().await.unwrap();
    let mut till = Till::open(0).await;
    let client = Arc::new(Wise::new(wise.config()).unwrap());
    till.providers = Providers { wise: Some(client), ..Providers::default() };
    (till, wise)
}

/// A till that pays by Wise, and a batch of three that is cut and waits to be sent.
async fn cut() -> (Till, FakeWise, PayoutBatch) {
    let (till, wise) = open().await;
    for number in 0..3 {
        till.payee(number, by_email(number)).await;
    }
    let batch = till.batch(Rail::Wise).await;
    till.execute(&batch).await;
    let job = ExecuteBatch { account_id: batch.account_id, batch_id: batch.id };
    let conn = &mut *till.office.conn().await;
    PayoutBatch::execute_range(conn, &job, &till.office.act()).await.unwrap();
    (till, wise, batch)
}

/// Each of the three was funded once, and we know it.
async fn assert_once(till: &Till, wise: &FakeWise) {
    let mut funded: Vec<String> = wise.journal().into_iter().map(|line| line.payment).collect();
    funded.sort();
    funded.dedup();
    assert_eq!((funded.len(), wise.journal().len(), wise.transfers()), (3, 3, 3));
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 3702, RESERVED 0");
    till.assert_verified().await;
}

#[tokio::test]
async fn the_partner_bears_the_fee_where_the_policy_says_so() {
    let (till, wise) = open().await;
    till.payee(0, by_email(0)).await;
    let changes = PolicyChanges { fee_payer: Some(Some(FeePayer::Partner)), ..PolicyChanges::default() };
    let (whose, act) = (Whose::Program(till.office.program.id), till.office.act());
    PayoutPolicy::update(&mut *till.office.conn().await, &till.office.scope, whose, &changes, &act)
        .await
        .unwrap();
    let batch = till.batch(Rail::Wise).await;
    till.execute(&batch).await;
    till.work().await;
    let amounts: Vec<String> = wise.journal().into_iter().map(|line| line.amount).collect();
    assert_eq!(amounts, ["12.34 less the fee"]);
}

#[tokio::test]
async fn a_group_is_funded_once_whatever_breaks() {
    for fault in [
        Fault::HangAfterAccepting,
        Fault::DropAfterAccepting,
        Fault::ErrorAfterAccepting,
        Fault::GarbledAfterAccepting,
        Fault::ErrorBeforeAccepting,
        Fault::DropBeforeAccepting,
        Fault::TooManyCalls,
    ] {
        let (mut till, wise, batch) = cut().await;
        wise.fault(fault);
        till.work().await;
        assert_ne!(till.submission(&batch).await.status, SubmissionStatus::Done, "{fault:?}");
        for _ in 0..4 {
            till.after(TimeDelta::minutes(2)).await;
        }
        assert_once(&till, &wise).await;
    }
}

#[tokio::test]
async fn a_transfer_that_breaks_is_made_once() {
    for fault in [Fault::HangAfterAccepting, Fault::ErrorAfterAccepting, Fault::ErrorBeforeAccepting] {
        let (mut till, wise, _) = cut().await;
        wise.fault_of_transfer(fault);
        for _ in 0..4 {
            till.after(TimeDelta::minutes(2)).await;
        }
        assert_once(&till, &wise).await;
    }
}

#[tokio::test]
async fn without_money_the_group_waits_and_is_paid_when_somebody_retries() {
    let (mut till, wise, batch) = cut().await;
    wise.fault(Fault::InsufficientFunds);
    till.work().await;
    let refused = till.submission(&batch).await;
    assert_eq!((refused.status, wise.journal().len()), (SubmissionStatus::Refused, 0));
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    let retried = PayoutSubmission::retry(conn, &till.office.scope, refused.id, &act);
    retried.await.unwrap();
    till.after(TimeDelta::minutes(2)).await;
    assert_once(&till, &wise).await;
}

/// It is neither paid nor anybody's again before its money is back at Wise.
#[tokio::test]
async fn a_transfer_that_is_cancelled_after_it_was_funded_waits_for_its_refund() {
    let (mut till, wise, batch) = cut().await;
    let cancelled = till.payouts().await.remove(0);
    let reference = cancelled.id.to_string().parse().unwrap();
    wise.script(&reference, &["processing", "cancelled", "cancelled"]);
    for _ in 0..3 {
        till.after(TimeDelta::hours(1)).await;
        assert_eq!(till.payouts().await[0].status, PayoutStatus::Sending);
        assert_eq!(till.balances().await, "AVAILABLE 0, PAID 2468, RESERVED 1234");
    }
    wise.script(&reference, &["funds_refunded"]);
    till.after(TimeDelta::hours(2)).await;
    assert_eq!(till.balances().await, "AVAILABLE 1234, PAID 2468, RESERVED 0");
    let stands: Vec<PayoutStatus> = till.payouts().await.iter().map(|payout| payout.status).collect();
    assert_eq!(stands, [PayoutStatus::Failed, PayoutStatus::Paid, PayoutStatus::Paid]);
    assert_eq!((wise.journal().len(), till.submission(&batch).await.status), (3, SubmissionStatus::Done));
    till.assert_verified().await;
}

/// However long ago its worker began: when it was last at Wise nobody knows before it is missed.
#[tokio::test]
async fn a_call_whose_worker_died_is_left_alone_for_a_while() {
    let (mut till, wise, batch) = cut().await;
    wise.fault(Fault::TooManyCalls);
    till.work().await;
    let of = (batch.account_id, till.submission(&batch).await.id);
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    let begun = PayoutSubmission::next(conn, of, None, &act).await.unwrap();
    assert!(matches!(begun, Next::Send(_)), "{begun:?}");
    till.after(TimeDelta::minutes(30)).await;
    assert_eq!((till.submission(&batch).await.status, wise.journal().len()), (SubmissionStatus::Unknown, 0));
    for _ in 0..3 {
        till.after(TimeDelta::minutes(2)).await;
    }
    assert_once(&till, &wise).await;
}

async fn cancel(till: &Till, batch: &PayoutBatch) {
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    PayoutBatch::cancel(conn, &till.office.scope, batch.id, &act).await.unwrap();
}

#[tokio::test]
async fn what_is_cancelled_can_be_funded_by_nobody_any_more() {
    let (mut till, wise, batch) = cut().await;
    wise.fault(Fault::InsufficientFunds);
    till.work().await;
    let refused = till.submission(&batch).await;
    cancel(&till, &batch).await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Abandoning);
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 0, RESERVED 3702", "nothing goes elsewhere yet");
    till.after(TimeDelta::minutes(2)).await;
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 0, RESERVED 3702", "Wise is still cancelling");
    till.after(TimeDelta::minutes(2)).await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Cancelled);
    assert_eq!(till.balances().await, "AVAILABLE 3702, PAID 0, RESERVED 0");
    assert!(!wise.fund_by_hand(&refused.draft.unwrap()), "the group was cancelled at Wise");
    till.assert_verified().await;
}

/// The job that asked Wise to cancel has given up, as after many tries.
#[tokio::test]
async fn what_is_being_abandoned_is_taken_up_again() {
    let (mut till, wise, batch) = cut().await;
    wise.fault(Fault::InsufficientFunds);
    till.work().await;
    let refused = till.submission(&batch).await;
    cancel(&till, &batch).await;
    till.office
        .lines("DELETE FROM jobs WHERE kind = 'payouts.abandon_submission' RETURNING kind AS line")
        .await;
    for _ in 0..2 {
        till.after(TimeDelta::minutes(2)).await;
        assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Abandoning);
    }
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    PayoutSubmission::retry(conn, &till.office.scope, refused.id, &act).await.unwrap();
    for _ in 0..2 {
        till.after(TimeDelta::minutes(2)).await;
    }
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Cancelled);
    assert_eq!(till.balances().await, "AVAILABLE 3702, PAID 0, RESERVED 0");
    till.assert_verified().await;
}

#[tokio::test]
async fn what_somebody_funded_at_wise_is_paid_and_not_cancelled() {
    let (mut till, wise, batch) = cut().await;
    wise.fault(Fault::InsufficientFunds);
    till.work().await;
    let refused = till.submission(&batch).await;
    assert!(wise.fund_by_hand(&refused.draft.unwrap()));
    cancel(&till, &batch).await;
    for _ in 0..4 {
        till.after(TimeDelta::minutes(2)).await;
    }
    assert_once(&till, &wise).await;
}

//! A database that went back to an older copy, in front of a provider that did not.

use chrono::TimeDelta;
use domain::payout_batches::{CancelError, PayoutBatch, Rail, SubmissionStatus};
use payout_providers::fakes::Fault;

use super::{
    till::{EACH, Till},
    wise::{by_email, open},
};

#[tokio::test]
async fn a_batch_that_was_paid_after_the_backup_is_recognised_by_paypal() {
    let mut till = Till::open(3).await;
    let batch = till.batch(Rail::Paypal).await;
    let backup = till.office.database.copy().await.unwrap();
    till.execute(&batch).await;
    till.work().await;
    till.assert_once("PAID").await;
    let first = till.submission(&batch).await;

    till.office.restore(backup);
    assert_eq!(till.balances().await, format!("AVAILABLE 0, PAID 0, RESERVED {}", 3 * EACH));
    till.after(TimeDelta::hours(5)).await;
    till.execute(&batch).await;
    till.work().await;
    till.assert_once("PAID").await;
    let again = till.submission(&batch).await;
    assert_eq!((again.reference, again.provider_reference), (first.reference, first.provider_reference));
}

#[tokio::test]
async fn a_batch_that_was_on_its_way_at_the_backup_is_recognised_too() {
    let mut till = Till::open(2).await;
    let (batch, _) = till.cut().await;
    let backup = till.office.database.copy().await.unwrap();
    till.paypal.fault(Fault::DropAfterAccepting);
    till.work().await;
    till.after(TimeDelta::hours(1)).await;
    till.assert_once("PAID").await;

    till.office.restore(backup);
    till.after(TimeDelta::hours(5)).await;
    till.assert_once("PAID").await;
    assert_eq!(till.submission(&batch).await.payouts, 2);
}

/// Wise does not say in which group an earlier transfer is: a person must look, and nothing is given back or paid again meanwhile.
#[tokio::test]
async fn a_batch_that_wise_paid_after_the_backup_is_neither_paid_again_nor_given_back() {
    let (mut till, wise) = open().await;
    for number in 0..3 {
        till.payee(number, by_email(number)).await;
    }
    let batch = till.batch(Rail::Wise).await;
    let backup = till.office.database.copy().await.unwrap();
    till.execute(&batch).await;
    till.work().await;
    till.after(TimeDelta::minutes(2)).await;
    assert_eq!(
        (wise.journal().len(), till.balances().await.as_str()),
        (3, "AVAILABLE 0, PAID 3702, RESERVED 0")
    );

    till.office.restore(backup);
    till.after(TimeDelta::hours(5)).await;
    till.execute(&batch).await;
    till.work().await;
    for _ in 0..4 {
        till.after(TimeDelta::minutes(2)).await;
        assert_ne!(till.submission(&batch).await.status, SubmissionStatus::Refused);
        let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
        let cancelled = PayoutBatch::cancel(conn, &till.office.scope, batch.id, &act).await;
        assert!(matches!(cancelled, Err(CancelError::WrongState { .. })), "{cancelled:?}");
    }
    assert_eq!((wise.journal().len(), wise.transfers()), (3, 3));
    assert_eq!(till.balances().await, "AVAILABLE 0, PAID 0, RESERVED 3702");
    let why =
        till.office.lines("SELECT error AS line FROM payout_attempts WHERE error LIKE '%paid before%'").await;
    assert!(!why.is_empty());
}

//! A database that went back to an older copy, in front of a provider that did not.

use chrono::TimeDelta;
use domain::payout_batches::Rail;
use payout_providers::fakes::Fault;

use super::till::{EACH, Till};

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

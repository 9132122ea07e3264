//! Batches that try again what failed: what goes with it, and what stays behind.

use domain::{
    act::Actor,
    files::{File, NewFile},
    payout_batches::{BatchStatus, PayoutBatch, Rail, Retry, RetryError},
    payout_policies::{PolicyChanges, Whose},
    payouts::{Decision, NewRequest},
};
use rust_decimal::Decimal;

use crate::{
    paying::{again, failed, paid, request, somebody},
    payout_batches::three,
    shop::Shop,
};

impl Shop {
    async fn retried(&self, id: ids::PayoutBatchId, key: &str) -> PayoutBatch {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let retry = PayoutBatch::retry(conn, &self.scope, again(id, key), &act).await.unwrap();
        self.freeze(retry.id).await
    }

    async fn invoice(&self) -> ids::FileId {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let new = NewFile {
            name: "invoice.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: b"%PDF-".to_vec(),
        };
        File::create(conn, None, (self.scope.account_id, &new), &act.by(somebody(&act))).await.unwrap().id
    }
}

#[tokio::test]
async fn the_partners_invoice_goes_with_what_is_tried_again() {
    let (shop, [ann, ..]) = three().await;
    let program = Whose::Program(shop.program.id);
    let needed = PolicyChanges { invoice_required: Some(Some(true)), ..PolicyChanges::default() };
    shop.policy(program, needed).await;
    let invoice_id = Some(shop.invoice().await);
    let asked = shop.try_request(&NewRequest { invoice_id, ..request(ann, "k") }).await.unwrap();
    shop.decide(asked.id, &Decision::Approve).await;
    let batch = shop.frozen(Rail::Manual, Actor::System).await;
    assert_eq!(batch.payouts, 1, "nobody else has an invoice");
    shop.executed(batch.id).await;
    shop.ended(asked.id, failed()).await;
    let retry = shop.retried(batch.id, "r").await;
    let payouts = shop.payouts(retry.id).await;
    assert_eq!((payouts.len(), payouts[0].invoice_id, payouts[0].amount), (1, invoice_id, 1_000));
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_a_retry_has_left_over_is_not_tried_again_beside_it() {
    let (mut shop, [ann, ..]) = three().await;
    shop.earn(&[("ann", 700)]).await;
    let asked = shop.request(ann, "k").await;
    shop.decide(asked.id, &Decision::Approve).await;
    let batch = shop.frozen(Rail::Manual, Actor::System).await;
    shop.executed(batch.id).await;
    for payout in shop.payouts(batch.id).await {
        shop.ended(payout.id, failed()).await;
    }
    let most = PolicyChanges { maximum_per_batch: Some(Some(Decimal::from(10))), ..PolicyChanges::default() };
    shop.policy(Whose::Program(shop.program.id), most).await;
    let first = shop.retried(batch.id, "r1").await;
    assert_eq!((first.payouts, first.total), (3, 1_000 + 500 + 200));
    let none = shop.retried(batch.id, "r2").await;
    assert_eq!(none.status, BatchStatus::Cancelled, "all of it is being tried again");
    shop.executed(first.id).await;
    for payout in shop.payouts(first.id).await {
        shop.ended(payout.id, if payout.partner_id == ann { paid() } else { failed() }).await;
    }
    let rest = shop.retried(batch.id, "r3").await;
    assert_eq!((rest.payouts, rest.total), (2, 500 + 200), "what is left of ann's goes with the next batch");
    assert_eq!(shop.balance(ann).await, "0 700 0 1000");
    shop.assert_verified().await;
}

/// A rail that refuses everybody is no dead end: what it failed to pay goes over another one.
#[tokio::test]
async fn what_failed_is_tried_again_over_another_rail() {
    let (shop, [ann, ..]) = three().await;
    let batch = shop.frozen(Rail::Manual, Actor::System).await;
    shop.executed(batch.id).await;
    for payout in shop.payouts(batch.id).await {
        let verdict = if payout.partner_id == ann { failed() } else { paid() };
        shop.ended(payout.id, verdict).await;
    }
    let over = async |rail, key| {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        let retry = Retry { rail: Some(rail), ..again(batch.id, key) };
        PayoutBatch::retry(conn, &shop.scope, retry, &act).await
    };
    let refused = over(Rail::SepaFile, "sepa").await;
    assert!(
        matches!(refused, Err(RetryError::RailOfOtherCurrency { rail: Rail::SepaFile, .. })),
        "{refused:?}"
    );
    let paypal = shop.freeze(over(Rail::Paypal, "paypal").await.unwrap().id).await;
    assert_eq!((paypal.status, paypal.payouts), (BatchStatus::Cancelled, 0), "she has no such account");
    let file = shop.freeze(over(Rail::File, "file").await.unwrap().id).await;
    assert_eq!((file.rail, file.payouts, file.total), (Rail::File, 1, 1_000));
    assert!(shop.payouts(file.id).await[0].retry_of.is_some());
    let other = over(Rail::Manual, "file").await;
    assert!(matches!(other, Err(RetryError::IdempotencyMismatch)), "{other:?}");
    shop.assert_verified().await;
}

//! Self-billing invoices: which payouts get one, and their numbers.

use std::sync::Arc;

use diesel_async::AsyncConnection;
use domain::{
    files::{File, NewFile},
    payout_batches::{PayoutBatch, Rail},
    payouts::{Decision, Payout, PayoutStatus},
    scope::AccountScope,
    self_billing_invoices::{RequestError, SelfBillingInvoice},
    statements::{PaperStatus, Papers},
};
use ids::PayoutId;

use crate::{
    partners::account,
    paying::{again, failed, paid, request, shop, somebody},
    reverse::change_in,
    shop::Shop,
};

async fn ask(shop: &Shop, payout: PayoutId) -> Result<SelfBillingInvoice, RequestError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    SelfBillingInvoice::request(conn, &shop.scope, payout, &act).await
}

/// Payouts of so many partners, all paid.
async fn paid_payouts(shop: &mut Shop, many: usize) -> Vec<Payout> {
    let keys: Vec<String> = (0..many).map(|number| format!("p{number}")).collect();
    for key in &keys {
        shop.payee(key).await;
    }
    let sales: Vec<_> = keys.iter().map(|key| (key.as_str(), 100)).collect();
    shop.earn(&sales).await;
    let batch = shop.frozen(Rail::Manual, somebody(&shop.world.act())).await;
    shop.executed(batch.id).await;
    let payouts = shop.payouts(batch.id).await;
    assert_eq!(payouts.len(), many);
    for payout in &payouts {
        shop.ended(payout.id, paid()).await;
    }
    payouts
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_are_numbered_without_a_gap() {
    let mut shop = shop().await;
    let payouts = paid_payouts(&mut shop, 50).await;
    let db = shop.pool(30);
    let shop = Arc::new(shop);
    let mut tasks = Vec::new();
    // Each is asked for twice, and a third of them rolled back once: that takes no number.
    for (place, payout) in payouts.iter().chain(&payouts).enumerate() {
        let (shop, db, id) = (shop.clone(), db.clone(), payout.id);
        tasks.push(tokio::spawn(async move {
            let (conn, act) = (&mut *db.get().await.unwrap(), shop.world.act());
            if place % 3 == 0 {
                let undone = conn.transaction(async |conn| {
                    SelfBillingInvoice::request(conn, &shop.scope, id, &act).await.unwrap();
                    Err::<(), _>(diesel::result::Error::RollbackTransaction)
                });
                assert!(undone.await.is_err());
            }
            SelfBillingInvoice::request(conn, &shop.scope, id, &act).await.unwrap()
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let places = shop.lines("SELECT place::text AS line FROM self_billing_invoices ORDER BY place").await;
    assert_eq!(places, (1..=50).map(|place: i32| place.to_string()).collect::<Vec<_>>());
    assert_eq!(shop.lines("SELECT next::text AS line FROM invoice_numbers").await, ["51"]);
    assert_eq!(shop.world.count("jobs WHERE kind = 'self_billing_invoices.render'").await, 50);
}

#[tokio::test]
async fn what_came_back_and_is_paid_again_is_not_invoiced_twice() {
    let mut shop = shop().await;
    let payout = paid_payouts(&mut shop, 1).await.remove(0);
    let invoice = ask(&shop, payout.id).await.unwrap();
    shop.ended(payout.id, failed()).await;
    let retry = {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        PayoutBatch::retry(conn, &shop.scope, again(payout.batch_id.unwrap(), "r"), &act).await.unwrap()
    };
    shop.freeze(retry.id).await;
    shop.executed(retry.id).await;
    let again = shop.payouts(retry.id).await.remove(0);
    shop.ended(again.id, paid()).await;
    let refused = ask(&shop, again.id).await;
    assert!(
        matches!(refused, Err(RequestError::InvoicedBefore { payout_id }) if payout_id == payout.id),
        "{refused:?}"
    );
    assert_eq!(ask(&shop, payout.id).await.unwrap().id, invoice.id, "it stands");
}

/// Not only a retry pays for the same again: what came back is available, and the next batch takes it.
#[tokio::test]
async fn what_came_back_and_goes_with_the_next_batch_is_not_invoiced_twice() {
    let mut shop = shop().await;
    let payout = paid_payouts(&mut shop, 1).await.remove(0);
    ask(&shop, payout.id).await.unwrap();
    shop.ended(payout.id, failed()).await;
    let next = shop.frozen(Rail::Manual, somebody(&shop.world.act())).await;
    shop.executed(next.id).await;
    let again = shop.payouts(next.id).await.remove(0);
    assert_eq!((again.retry_of, again.amount), (None, payout.amount));
    shop.ended(again.id, paid()).await;
    let refused = ask(&shop, again.id).await;
    assert!(
        matches!(refused, Err(RequestError::InvoicedBefore { payout_id }) if payout_id == payout.id),
        "{refused:?}"
    );
}

#[tokio::test]
async fn numbers_begin_anew_with_the_year_of_the_account() {
    let mut shop = shop().await;
    let payouts = paid_payouts(&mut shop, 3).await;
    shop.world.execute("UPDATE accounts SET time_zone = 'America/New_York'").await;
    let mut numbers = Vec::new();
    for (payout, at) in
        payouts.iter().zip(["2026-12-31T12:00:00Z", "2027-01-01T04:59:59Z", "2027-01-01T05:00:00Z"])
    {
        shop.world.now = at.parse().unwrap();
        numbers.push(ask(&shop, payout.id).await.unwrap().number());
    }
    assert_eq!(numbers, ["SB-2026-000001", "SB-2026-000002", "SB-2027-000001"]);
}

#[tokio::test]
async fn only_what_was_paid_and_not_invoiced_gets_one() {
    let mut shop = shop().await;
    let payout = paid_payouts(&mut shop, 1).await.remove(0);
    let first = ask(&shop, payout.id).await.unwrap();
    assert_eq!((first.status, first.number().as_str()), (PaperStatus::Pending, "SB-2026-000001"));
    assert_eq!(ask(&shop, payout.id).await.unwrap(), first);
    let ann = shop.payee("ann").await;
    shop.earn(&[("ann", 500)]).await;
    let requested = shop.request(ann, "k").await;
    let refused = ask(&shop, requested.id).await;
    assert!(
        matches!(refused, Err(RequestError::WrongState { current: PayoutStatus::Requested })),
        "{refused:?}"
    );
    shop.decide(requested.id, &Decision::Reject { reason: "no".to_owned() }).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let new =
        NewFile { name: "own.pdf".to_owned(), content_type: "application/pdf".to_owned(), bytes: vec![1] };
    let own = File::create(conn, None, (shop.scope.account_id, &new), &act.by(somebody(&act))).await.unwrap();
    let said = domain::payouts::NewRequest { invoice_id: Some(own.id), ..request(ann, "own") };
    let invoiced = shop.try_request(&said).await.unwrap();
    shop.decide(invoiced.id, &Decision::Approve).await;
    let batch = shop.frozen(Rail::Manual, somebody(&act)).await;
    shop.executed(batch.id).await;
    shop.ended(invoiced.id, paid()).await;
    assert!(matches!(ask(&shop, invoiced.id).await, Err(RequestError::Invoiced)));
    let other = account(&shop.world).await;
    for scope in [other, AccountScope::limited(shop.scope.account_id, vec![act.ids.next(act.now)])] {
        let refused = SelfBillingInvoice::request(conn, &scope, payout.id, &act).await;
        assert!(matches!(refused, Err(RequestError::NotFound)), "{refused:?}");
    }
    assert_eq!(
        shop.lines("SELECT next::text AS line FROM invoice_numbers").await,
        ["2"],
        "refusals take none"
    );
}

#[tokio::test]
async fn its_items_sum_to_what_was_paid_and_it_never_changes() {
    let mut shop = shop().await;
    shop.payee("ann").await;
    shop.earn(&[("ann", 500), ("ann", 300)]).await;
    let rewards = shop.lines("SELECT id::text AS line FROM rewards WHERE amount = 500").await;
    let reward = ids::TypedId::from_uuid(rewards[0].parse().unwrap());
    change_in(&shop, &[(reward, 380)], domain::rewards::ReversalCause::Refund).await.unwrap();
    let batch = shop.frozen(Rail::Manual, somebody(&shop.world.act())).await;
    shop.executed(batch.id).await;
    let payout = shop.payouts(batch.id).await.remove(0);
    shop.ended(payout.id, paid()).await;
    let invoice = ask(&shop, payout.id).await.unwrap();
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let facts = invoice.facts(conn).await.unwrap();
    let items: Vec<_> =
        facts.items.iter().map(|item| format!("{} {} {}", item.reason, item.items, item.amount)).collect();
    assert_eq!(items, ["RELEASED 2 800", "REVERSED 1 -120"]);
    assert_eq!(facts.items.iter().map(|item| item.amount).sum::<i64>(), facts.payout.amount);
    let papers = Papers { pdf: vec![1], csv: vec![2], json: vec![3], signature: None };
    let ready = conn
        .transaction(async |conn| {
            let found =
                SelfBillingInvoice::find_pending(conn, invoice.account_id, invoice.id).await?.unwrap();
            Ok::<_, diesel::result::Error>(found.ready(conn, papers, &act).await.unwrap())
        })
        .await
        .unwrap();
    assert_eq!(ready.status, PaperStatus::Ready);
    for change in ["place = 7", "csv_id = pdf_id", "status = 'PENDING'"] {
        let refused = shop.refused(&format!("UPDATE self_billing_invoices SET {change}")).await;
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
}

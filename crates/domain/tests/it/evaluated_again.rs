//! Events that are evaluated again: when a rate comes, and when a customer goes to another partner with their past.

use diesel_async::SimpleAsyncConnection;
use domain::{
    adjustments::{Adjustment, NewAdjustment, NewAdjustmentKind, SaleNamed},
    attribution::PastRewards,
    customers::{Customer, Reassignment},
    partners::Partner,
    rates::{ExchangeRate, NewRate},
    rewards::{Review, Reward},
    transactions::{NewTransaction, Transaction},
};
use money::Currency;
use serde_json::json;

use crate::shop::{Shop, compute_once, days, percent, sale, terms};

async fn reassign(
    shop: &Shop,
    customer: &Customer,
    to: Option<&Partner>,
    past_rewards: PastRewards,
    key: &str,
) {
    let said = Reassignment {
        customer_id: customer.id,
        partner_id: to.map(|partner| partner.id),
        past_rewards,
        reason: "they asked".to_owned(),
        idempotency_key: key.to_owned(),
    };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Customer::reassign(conn, &shop.scope, &said, &act).await.unwrap();
    shop.settle().await;
}

#[tokio::test]
async fn a_sale_without_a_rate_is_rewarded_when_one_is_stored() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let euros = NewTransaction { currency: Currency::EUR, ..sale("s", "c", 1_000) };
    let sold = shop.record(&euros).await;
    shop.settle().await;
    assert_eq!(shop.result(&sold).await, "RATE_MISSING");
    let rate = NewRate {
        from: Currency::EUR,
        to: Currency::USD,
        rate: "1.5".parse().unwrap(),
        at: shop.world.now - days(1),
        source: "the bank".to_owned(),
    };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    ExchangeRate::store(conn, &shop.scope, &rate, &act).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.result(&sold).await, "base 450 HELD");
    assert_eq!(shop.world.count("non_rewards WHERE superseded_at IS NOT NULL").await, 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_customer_s_past_stays_or_goes_with_them() {
    let rules = json!([
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"},
            "tiers": {"metric": "SALES", "steps": [{"from": "1", "value": {"type": "PERCENT", "percent": "40"}}]}},
        {"id": "hello", "trigger": "SIGNUP", "beneficiary": "PARTNER", "value": {"type": "FIXED", "amount": "1"}},
    ]);
    let shop = Shop::open_with(&terms(rules)).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let bob = shop.customer_of("bob", &jane).await;
    let first = shop.record(&sale("first", "bob", 1_000)).await;
    let second = shop.record(&sale("second", "bob", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "800 0 0 0");
    reassign(&shop, &bob, Some(&joe), PastRewards::Keep, "1").await;
    let third = shop.record(&sale("third", "bob", 1_000)).await;
    shop.settle().await;
    assert_eq!(
        (shop.balance(jane.id).await, shop.balance(joe.id).await),
        ("800 0 0 0".into(), "300 0 0 0".into())
    );
    reassign(&shop, &bob, Some(&jane), PastRewards::Move, "2").await;
    assert_eq!(
        (shop.balance(jane.id).await, shop.balance(joe.id).await),
        ("1200 0 0 0".into(), "0 0 0 0".into())
    );
    reassign(&shop, &bob, None, PastRewards::Move, "3").await;
    assert_eq!(
        (shop.balance(jane.id).await, shop.balance(joe.id).await),
        ("0 0 0 0".into(), "0 0 0 0".into())
    );
    for sold in [&first, &second, &third] {
        assert!(shop.result(sold).await.ends_with("NO_ATTRIBUTION"), "{}", shop.result(sold).await);
    }
    assert_eq!(shop.world.count("reward_tallies WHERE sales <> 0").await, 0);
    shop.assert_verified().await;
}

async fn void(shop: &Shop, sale: &Transaction) {
    let (sale, key) = (SaleNamed::Id(sale.id), format!("void {}", sale.key));
    let void = NewAdjustment { sale, key, what: NewAdjustmentKind::Void, occurred_at: None };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Adjustment::record(conn, &shop.scope, &void, &act).await.unwrap();
}

/// The step is left behind and reached again in one run, and in two.
#[tokio::test]
async fn a_milestone_that_a_person_rejected_is_not_reached_again() {
    let rules = json!([{"id": "third", "trigger": "MILESTONE", "beneficiary": "PARTNER",
        "value": {"type": "FIXED", "amount": "5"}, "milestone": {"metric": "SALES", "at": ["2"]}}]);
    let shop = Shop::open_with(&terms(rules)).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let first = shop.record(&sale("first", "c", 1_000)).await;
    let second = shop.record(&sale("second", "c", 1_000)).await;
    shop.settle().await;
    let conn = &mut *shop.world.conn().await;
    let made = Reward::of_transactions(conn, &shop.scope, &[second.id]).await.unwrap().remove(0);
    let review = Review::Reject { reason: "fraud".to_owned() };
    Reward::review(conn, &shop.scope, made.id, &review, &shop.world.act()).await.unwrap();
    void(&shop, &first).await;
    let third = shop.record(&sale("third", "c", 1_000)).await;
    shop.settle().await;
    void(&shop, &third).await;
    shop.settle().await;
    shop.record(&sale("fourth", "c", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.world.count("rewards").await, 1);
    assert_eq!(shop.balance(jane.id).await, "0 0 0 0");
    shop.assert_verified().await;
}

/// What fails behind them leaves nothing of itself in what is written of the facts before.
#[tokio::test]
async fn a_sale_that_cannot_be_computed_counts_for_nothing() {
    let shop = Shop::open_with(&percent("1000")).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    shop.record(&sale("good", "c", 1_000)).await;
    shop.record(&sale("bad", "c", 1_000)).await;
    shop.world
        .execute(
            "SET session_replication_role = replica; \
             UPDATE transactions SET gross = 9223372036854775807, net = 9223372036854775807 WHERE key = 'bad'; \
             RESET session_replication_role",
        )
        .await;
    shop.sequence().await;
    let stopped = shop.compute().await.unwrap().stopped;
    assert!(stopped.is_some_and(|stopped| stopped.why.contains("out of range")));
    assert_eq!(shop.world.count("reward_customers WHERE sales = 1 AND has_paid").await, 1);
    assert_eq!(shop.world.count("rewards").await, 1);
    shop.world
        .execute(
            "SET session_replication_role = replica; UPDATE transactions SET gross = 1000, net = 1000 WHERE key = 'bad'; \
             RESET session_replication_role; \
             UPDATE reward_cursors SET stopped_position = NULL, stopped_why = NULL, stopped_at = NULL",
        )
        .await;
    shop.settle().await;
    assert_eq!(shop.world.count("reward_customers WHERE sales = 2").await, 1);
    shop.assert_verified().await;
}

/// A release has a reward and wants the balance; the writer, which has something to add to that balance, takes back from that
/// reward: it must not have the balance before.
#[tokio::test(flavor = "multi_thread")]
async fn the_writer_takes_rewards_before_balances() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let first = shop.record(&sale("first", "c", 1_000)).await;
    shop.settle().await;
    shop.record(&sale("second", "c", 1_000)).await;
    void(&shop, &first).await;
    shop.sequence().await;
    let db = shop.pool(4);
    let release = &mut *db.get().await.unwrap();
    release.batch_execute("BEGIN; SELECT FROM rewards FOR UPDATE").await.unwrap();
    let (id, act) = (shop.program.id, shop.world.act());
    let writer = tokio::spawn({
        let db = db.clone();
        async move { compute_once(&db, id, &act).await.map(|computed| computed.stopped) }
    });
    let waits = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while shop.world.count(waits).await == 0 {
        tokio::task::yield_now().await;
    }
    release.batch_execute("SET lock_timeout = '5s'; UPDATE balances SET held = held; COMMIT").await.unwrap();
    assert_eq!(writer.await.unwrap().unwrap(), None);
    assert_eq!(shop.balance(jane.id).await, "300 0 0 0");
    shop.assert_verified().await;
}

/// A step of nothing is reached by the first sign-up.
#[tokio::test]
async fn a_milestone_may_begin_at_nothing() {
    let rules = json!([{"id": "hello", "trigger": "MILESTONE", "beneficiary": "PARTNER",
        "value": {"type": "FIXED", "amount": "5"}, "milestone": {"metric": "SALES", "at": ["0", "1"]}}]);
    let shop = Shop::open_with(&terms(rules)).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "500 0 0 0");
    shop.record(&sale("s", "c", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "1000 0 0 0");
    shop.assert_verified().await;
}

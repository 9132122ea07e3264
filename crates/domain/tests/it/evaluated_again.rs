//! Events that are evaluated again: when a rate comes, and when a customer goes to another partner with their past.

use domain::{
    attribution::PastRewards,
    customers::{Customer, Reassignment},
    partners::Partner,
    rates::{ExchangeRate, NewRate},
    transactions::NewTransaction,
};
use money::Currency;
use serde_json::json;

use crate::shop::{Shop, days, sale, terms};

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

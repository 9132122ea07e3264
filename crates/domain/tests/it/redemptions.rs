//! What is redeemed of what is available, and never more.

use domain::{
    ledger::Owner,
    page::PageArgs,
    redemptions::{CreateError, NewRedemption, Redemption, RedemptionFilter},
    rewards::{ManualReward, Reward},
    scope::AccountScope,
};
use ids::{CustomerId, PartnerId};
use money::Currency;
use rust_decimal::Decimal;
use serde_json::json;

use crate::{
    manual_rewards::balances,
    partners::account,
    shop::{Shop, terms},
};

fn redeem(owner: Owner, currency: &str, amount: i64, key: &str) -> NewRedemption {
    NewRedemption {
        owner,
        amount: Decimal::from(amount),
        currency: currency.parse().unwrap(),
        reason: "a discount".to_owned(),
        key: key.to_owned(),
    }
}

async fn create(shop: &Shop, said: &NewRedemption) -> Result<Redemption, CreateError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Redemption::create(conn, &shop.scope, said, &act).await
}

async fn give(shop: &Shop, owner: Owner, currency: &str, amount: i64) {
    let currency: Currency = currency.parse().unwrap();
    let said = ManualReward {
        owner,
        amount: Decimal::from(amount),
        currency,
        reason: "welcome".to_owned(),
        occurred_at: None,
        idempotency_key: format!("{owner:?} {currency} {amount}"),
    };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Reward::create_manual(conn, &shop.scope, &said, &act).await.unwrap();
}

/// A partner and a customer with 100 points and 100 dollars each.
async fn rich() -> (Shop, PartnerId, CustomerId) {
    let rules = json!([{ "id": "base", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": { "type": "UNITS", "unit": "points", "amount": "5" } }]);
    let shop = Shop::open_with(&terms(rules)).await;
    let jane = shop.partner("jane").await;
    let customer = shop.customer_of("c", &jane).await.id;
    for owner in [Owner::Partner(jane.id), Owner::Customer(customer)] {
        give(&shop, owner, "points", 100).await;
        give(&shop, owner, "USD", 100).await;
    }
    (shop, jane.id, customer)
}

#[tokio::test]
async fn what_is_available_is_redeemed_and_no_more() {
    let (shop, jane, customer) = rich().await;
    let first = create(&shop, &redeem(Owner::Customer(customer), "points", 60, "a")).await.unwrap();
    assert_eq!((first.amount, first.available_after), (60, 40));
    let refused = create(&shop, &redeem(Owner::Customer(customer), "points", 41, "b")).await;
    let Err(CreateError::InsufficientBalance { available }) = refused else { panic!("{refused:?}") };
    assert_eq!(available.to_string(), "40 points");
    create(&shop, &redeem(Owner::Customer(customer), "points", 40, "b")).await.unwrap();
    create(&shop, &redeem(Owner::Customer(customer), "USD", 25, "c")).await.unwrap();
    assert_eq!(balances(&shop, customer).await, ["USD: 0 7500 0 2500", "points: 0 0 0 100"]);
    create(&shop, &redeem(Owner::Partner(jane), "points", 1, "d")).await.unwrap();
    let refused = create(&shop, &redeem(Owner::Partner(jane), "USD", 1, "e")).await;
    assert!(matches!(refused, Err(CreateError::MoneyOfPartner)), "{refused:?}");
    let refused = create(&shop, &redeem(Owner::Partner(jane), "miles", 1, "e")).await;
    assert!(matches!(refused, Err(CreateError::InsufficientBalance { .. })), "{refused:?}");
    assert_eq!(shop.world.count("events WHERE kind = 'balance.redeemed'").await, 4);
    assert_eq!(shop.world.count("audit_entries WHERE action = 'redemptionCreate'").await, 4);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_key_redeems_once_in_its_program() {
    let (shop, jane, customer) = rich().await;
    let said = redeem(Owner::Customer(customer), "points", 100, "order-1");
    let first = create(&shop, &said).await.unwrap();
    assert_eq!(create(&shop, &said).await.unwrap(), first, "although nothing is left");
    for other in [
        NewRedemption { amount: Decimal::ONE, ..said.clone() },
        NewRedemption { reason: "another".to_owned(), ..said.clone() },
        NewRedemption { currency: Currency::USD, ..said.clone() },
        NewRedemption { owner: Owner::Partner(jane), ..said.clone() },
    ] {
        let refused = create(&shop, &other).await;
        assert!(matches!(refused, Err(CreateError::KeyMismatch)), "{other:?}: {refused:?}");
    }
    assert_eq!(shop.world.count("redemptions").await, 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_is_said_is_checked_and_strangers_redeem_nothing() {
    let (shop, _, customer) = rich().await;
    let owner = Owner::Customer(customer);
    for (wrong, field) in [
        (redeem(owner, "points", 0, "k"), "amount"),
        (redeem(owner, "points", -1, "k"), "amount"),
        (NewRedemption { amount: Decimal::new(15, 1), ..redeem(owner, "points", 1, "k") }, "amount"),
        (NewRedemption { reason: String::new(), ..redeem(owner, "points", 1, "k") }, "reason"),
        (redeem(owner, "points", 1, " "), "key"),
    ] {
        let Err(CreateError::Invalid(problems)) = create(&shop, &wrong).await else { panic!("{wrong:?}") };
        assert_eq!(problems.iter().map(|problem| problem.path.join(".")).collect::<Vec<_>>(), [field]);
    }
    create(&shop, &redeem(owner, "points", 1, "k")).await.unwrap();
    let stranger = account(&shop.world).await;
    let limited = AccountScope::limited(shop.scope.account_id, vec![shop.world.ids.next(shop.world.now)]);
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    for scope in [&stranger, &limited] {
        let refused = Redemption::create(conn, scope, &redeem(owner, "points", 1, "l"), &act).await;
        assert!(matches!(refused, Err(CreateError::NotFound(who)) if who == owner));
        let page = PageArgs::new(10, None);
        let seen = Redemption::list(conn, scope, &RedemptionFilter::default(), page).await.unwrap();
        assert!(seen.rows.is_empty());
    }
}

/// Thirty-two at once redeem seven points each: fourteen find them.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_never_overdraw() {
    let (shop, _, customer) = rich().await;
    let db = shop.pool(16);
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let said = redeem(Owner::Customer(customer), "points", 7, &format!("k{n}"));
            let (db, scope, act) = (db.clone(), shop.scope.clone(), shop.world.act());
            tokio::spawn(async move {
                Redemption::create(&mut db.get().await.unwrap(), &scope, &said, &act).await
            })
        })
        .collect();
    let (mut left, mut refused) = (Vec::new(), 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(redemption) => left.push(redemption.available_after),
            Err(CreateError::InsufficientBalance { available }) => {
                assert!(available.minor() < 7);
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    left.sort_unstable();
    assert_eq!((left, refused), ((0..14).map(|n| 2 + 7 * n).collect(), 18));
    assert_eq!(balances(&shop, customer).await[1], "points: 0 2 0 98");
    shop.assert_verified().await;
}

/// Sixteen at once with one key, and the balance twice as large: it is redeemed once.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_with_one_key_redeem_once() {
    let (shop, _, customer) = rich().await;
    let db = shop.pool(16);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let said = redeem(Owner::Customer(customer), "points", 50, "one");
            let (db, scope, act) = (db.clone(), shop.scope.clone(), shop.world.act());
            tokio::spawn(async move {
                Redemption::create(&mut db.get().await.unwrap(), &scope, &said, &act).await.unwrap().id
            })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(balances(&shop, customer).await[1], "points: 0 50 0 50");
    shop.assert_verified().await;
}

#[tokio::test]
async fn the_database_refuses_to_overdraw_and_to_forget() {
    let (shop, _, customer) = rich().await;
    create(&shop, &redeem(Owner::Customer(customer), "points", 60, "a")).await.unwrap();
    for (sql, says) in [
        ("UPDATE redemptions SET amount = 1", "is append-only"),
        ("DELETE FROM redemptions", "is append-only"),
        ("TRUNCATE redemptions", "is append-only"),
        (
            "INSERT INTO redemptions SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), \
             'key', 'b', 'available_after', -1))).* FROM redemptions r",
            "redemptions_available_after_check",
        ),
        (
            "INSERT INTO redemptions SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).* \
             FROM redemptions r",
            "redemptions_key_key",
        ),
    ] {
        let refused = shop.refused(sql).await;
        assert!(refused.contains(says), "{sql}: {refused}");
    }
}

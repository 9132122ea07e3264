//! Rewards, bonuses and corrections that a person gives by hand.

use domain::{
    ledger::{Balance, Owner},
    partners::PartnerStatus,
    rewards::{CreateManualError, ManualReward, Reward, RewardStatus, RewardTrigger},
    scope::AccountScope,
    terms::DraftTerms,
};
use ids::{CustomerId, PartnerId};
use money::Currency;
use rust_decimal::Decimal;
use serde_json::json;

use crate::{
    partners::account,
    shop::{Shop, customer, days, percent, sale, terms},
};

fn given(owner: Owner, cents: i64) -> ManualReward {
    ManualReward {
        owner,
        amount: Decimal::new(cents, 2),
        currency: Currency::USD,
        reason: "a review on their site".to_owned(),
        occurred_at: None,
        idempotency_key: format!("k{cents}"),
    }
}

async fn give(shop: &Shop, said: &ManualReward) -> Result<Reward, CreateManualError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Reward::create_manual(conn, &shop.scope, said, &act).await
}

async fn shop_with(draft: &DraftTerms) -> (Shop, PartnerId, CustomerId) {
    let shop = Shop::open_with(draft).await;
    let jane = shop.partner("jane").await;
    let customer = shop.customer_of("c", &jane).await;
    (shop, jane.id, customer.id)
}

/// `currency: held available reserved paid` of each balance of a customer.
pub async fn balances(shop: &Shop, id: CustomerId) -> Vec<String> {
    let conn = &mut *shop.world.conn().await;
    let rows = Balance::of_customers(conn, &shop.scope, &[id]).await.unwrap();
    let line = |b: Balance| format!("{}: {} {} {} {}", b.currency, b.held, b.available, b.reserved, b.paid);
    rows.into_iter().map(line).collect()
}

#[tokio::test]
async fn what_is_given_by_hand_is_available_at_once_and_may_be_corrected() {
    let (shop, jane, _) = shop_with(&percent("30")).await;
    let bonus = give(&shop, &given(Owner::Partner(jane), 500)).await.unwrap();
    assert_eq!((bonus.trigger, bonus.status), (RewardTrigger::Manual, RewardStatus::Available));
    assert_eq!((bonus.released_at, bonus.source), (Some(shop.world.now), ids::TypedId::uuid(bonus.id)));
    assert_eq!(shop.balance(jane).await, "0 500 0 0");
    let correction = give(&shop, &given(Owner::Partner(jane), -700)).await.unwrap();
    assert_eq!((correction.amount, correction.net), (-700, -700));
    assert_eq!(shop.balance(jane).await, "0 -200 0 0", "debt, carried forward");
    shop.sequence().await;
    assert_eq!(shop.world.count("events WHERE kind = 'reward.created'").await, 2);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.released'").await, 1);
    assert_eq!(shop.world.count("email_messages WHERE template = 'reward_created'").await, 2);
    let audited = "audit_entries WHERE action = 'rewardCreateManual' AND after ->> 'reason' LIKE 'a review%'";
    assert_eq!(shop.world.count(audited).await, 2);
    assert_eq!(
        shop.world.count("events WHERE payload::text LIKE '%review%'").await,
        0,
        "words stay out of events"
    );
    while shop.fold().await > 0 {}
    shop.assert_verified().await;
}

#[tokio::test]
async fn customers_are_given_credit_and_units_of_the_terms() {
    let points = json!([
        { "id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": { "type": "PERCENT", "percent": "30" } },
        { "id": "loyal", "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD",
            "value": { "type": "FIXED", "amount": "0" },
            "tiers": { "metric": "SALES",
                "steps": [{ "from": "10", "value": { "type": "UNITS", "unit": "points", "amount": "5" } }] } },
    ]);
    let (shop, _, customer) = shop_with(&terms(points)).await;
    let in_currency = |currency: &str, cents| ManualReward {
        currency: currency.parse().unwrap(),
        idempotency_key: currency.to_owned(),
        ..given(Owner::Customer(customer), cents)
    };
    let credit = give(&shop, &in_currency("USD", 250)).await.unwrap();
    assert_eq!((credit.partner_id, credit.beneficiary_customer_id), (None, Some(customer)));
    give(&shop, &in_currency("points", 1_200)).await.unwrap();
    assert_eq!(balances(&shop, customer).await, ["USD: 0 250 0 0", "points: 0 12 0 0"]);
    for (currency, cents) in [("EUR", 100), ("miles", 100)] {
        let refused = give(&shop, &in_currency(currency, cents)).await;
        assert!(matches!(refused, Err(CreateManualError::CurrencyNotUsed { .. })), "{currency}: {refused:?}");
    }
    let refused = give(&shop, &in_currency("points", 150)).await;
    assert!(matches!(refused, Err(CreateManualError::Invalid(_))), "no half points: {refused:?}");
    shop.sequence().await;
    assert_eq!(shop.world.count("email_messages WHERE template = 'reward_created'").await, 0);
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_is_said_is_checked() {
    let (mut shop, jane, _) = shop_with(&percent("30")).await;
    let owner = Owner::Partner(jane);
    for (wrong, field) in [
        (ManualReward { amount: Decimal::ZERO, ..given(owner, 1) }, "amount"),
        (ManualReward { amount: Decimal::new(1, 3), ..given(owner, 1) }, "amount"),
        (given(owner, 10_000_000_000_001), "amount"),
        (ManualReward { reason: " ".to_owned(), ..given(owner, 1) }, "reason"),
        (ManualReward { idempotency_key: String::new(), ..given(owner, 1) }, "idempotencyKey"),
    ] {
        let Err(CreateManualError::Invalid(problems)) = give(&shop, &wrong).await else {
            panic!("{wrong:?}")
        };
        assert_eq!(problems.iter().map(|problem| problem.path.join(".")).collect::<Vec<_>>(), [field]);
    }
    for at in [shop.world.now + days(2), shop.world.now - days(4_000)] {
        let refused = give(&shop, &ManualReward { occurred_at: Some(at), ..given(owner, 1) }).await;
        assert!(matches!(refused, Err(CreateManualError::Untimely)), "{refused:?}");
    }
    shop.suspend(jane).await;
    let refused = give(&shop, &given(owner, 1)).await;
    let Err(CreateManualError::PartnerNotApproved { current }) = refused else { panic!("{refused:?}") };
    assert_eq!(current, PartnerStatus::Suspended);
    give(&shop, &given(owner, -1)).await.unwrap();
    shop.world.pass(days(1));
    assert_eq!(shop.release().await, 0, "it was released when it was made");
    assert_eq!(shop.world.count("rewards").await, 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn drafts_and_strangers_give_nothing() {
    let draft = Shop::empty().await;
    let jane = draft.partner("jane").await;
    let refused = give(&draft, &given(Owner::Partner(jane.id), 1)).await;
    assert!(matches!(refused, Err(CreateManualError::ProgramInDraft)), "{refused:?}");
    let (shop, jane, customer) = shop_with(&percent("30")).await;
    let stranger = account(&shop.world).await;
    let limited = AccountScope::limited(shop.scope.account_id, vec![shop.world.ids.next(shop.world.now)]);
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    for scope in [&stranger, &limited] {
        for owner in [Owner::Partner(jane), Owner::Customer(customer)] {
            let refused = Reward::create_manual(conn, scope, &given(owner, 1), &act).await;
            assert!(matches!(refused, Err(CreateManualError::NotFound(who)) if who == owner));
        }
    }
    assert_eq!(shop.world.count("idempotency_keys WHERE mutation = 'rewardCreateManual'").await, 0);
}

#[tokio::test]
async fn a_key_gives_once_and_other_words_are_a_conflict() {
    let (shop, jane, customer) = shop_with(&percent("30")).await;
    let first = give(&shop, &given(Owner::Partner(jane), 500)).await.unwrap();
    let same =
        ManualReward { reason: "  a review on their site ".to_owned(), ..given(Owner::Partner(jane), 500) };
    assert_eq!(give(&shop, &same).await.unwrap().id, first.id);
    shop.suspend(jane).await;
    assert_eq!(give(&shop, &same).await.unwrap().id, first.id, "it was given before");
    for other in [
        ManualReward { reason: "another".to_owned(), ..same.clone() },
        ManualReward { amount: Decimal::ONE, ..same.clone() },
        ManualReward { occurred_at: Some(shop.world.now), ..same.clone() },
        ManualReward { owner: Owner::Customer(customer), ..same.clone() },
    ] {
        let refused = give(&shop, &other).await;
        assert!(matches!(refused, Err(CreateManualError::IdempotencyMismatch)), "{refused:?}");
    }
    assert_eq!(shop.balance(jane).await, "0 500 0 0");
}

/// Sixteen with one key, sixteen with keys of their own, and the program's writer, all at once.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_give_each_key_once() {
    let (shop, jane, customer) = shop_with(&percent("30")).await;
    let sold: Vec<_> = (0..20).map(|n| sale(&format!("s{n}"), "c", 100)).collect();
    shop.try_record(&sold).await.unwrap();
    shop.sequence().await;
    let db = shop.pool(16);
    let tasks: Vec<_> = (0..32_i64)
        .map(|n| {
            let owner = if n % 4 == 3 { Owner::Customer(customer) } else { Owner::Partner(jane) };
            let mut said = given(if n % 2 == 0 { Owner::Partner(jane) } else { owner }, 100);
            if n % 2 == 1 {
                said.idempotency_key = format!("own-{n}");
            }
            let (db, scope, act) = (db.clone(), shop.scope.clone(), shop.world.act());
            tokio::spawn(async move {
                Reward::create_manual(&mut db.get().await.unwrap(), &scope, &said, &act).await.unwrap().id
            })
        })
        .collect();
    let computed = shop.compute().await.unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!((computed.stopped, ids.len()), (None, 17));
    shop.settle().await;
    assert_eq!(shop.balance(jane).await, "600 900 0 0");
    assert_eq!(balances(&shop, customer).await, ["USD: 0 800 0 0"]);
    shop.assert_verified().await;
}

/// A customer who is not of a partner is given credit as well.
#[tokio::test]
async fn an_organic_customer_has_a_balance_too() {
    let (shop, _, _) = shop_with(&percent("30")).await;
    let organic = shop.upsert(&customer(shop.program.id, "organic")).await.unwrap();
    give(&shop, &given(Owner::Customer(organic.id), 300)).await.unwrap();
    assert_eq!(balances(&shop, organic.id).await, ["USD: 0 300 0 0"]);
    shop.assert_verified().await;
}

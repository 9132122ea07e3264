//! Customers who go to another partner with their past.

use domain::{
    adjustments::NewAdjustmentKind,
    attribution::{PastRewards, Touch},
    customers::{Customer, CustomerName, CustomerUpsert, Reassignment},
    partners::Partner,
    programs::{Grandfathering, Program, ProgramChanges, ProgramKind, Transition},
    rewards::{Review, Reward, RewardStatus},
    terms::DraftTerms,
    transactions::{NewTransaction, Transaction},
};
use money::Currency;
use serde_json::json;

use crate::{
    adjustments::cents,
    evaluated_again::store_rate,
    paying::by_hand,
    reassignments::signups,
    shop::{Shop, customer, days, percent, sale, terms},
};

/// Gives a customer to another partner, and computes what follows.
pub async fn reassign(
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

/// What is nobody's goes to a partner like what is somebody's; and whom nobody brought begins with the first partner.
#[tokio::test]
async fn a_past_that_is_nobody_s_is_moved_too() {
    let rules = json!([
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"},
            "tiers": {"metric": "SALES", "steps": [{"from": "9", "value": {"type": "PERCENT", "percent": "40"}}]}},
        {"id": "hello", "trigger": "SIGNUP", "beneficiary": "PARTNER", "value": {"type": "FIXED", "amount": "1"}},
    ]);
    let mut shop = Shop::open_with(&terms(rules)).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let bob = shop.customer_of("bob", &jane).await;
    shop.record(&sale("of jane", "bob", 1_000)).await;
    shop.settle().await;
    reassign(&shop, &bob, None, PastRewards::Keep, "1").await;
    shop.record(&sale("of nobody", "bob", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "400 0 0 0");
    reassign(&shop, &bob, Some(&joe), PastRewards::Move, "2").await;
    let both = (shop.balance(jane.id).await, shop.balance(joe.id).await);
    assert_eq!(both, ("0 0 0 0".into(), "700 0 0 0".into()), "also what came when it was nobody's");
    reassign(&shop, &bob, None, PastRewards::Move, "3").await;
    assert_eq!(shop.balance(joe.id).await, "0 0 0 0");
    reassign(&shop, &bob, Some(&jane), PastRewards::Move, "4").await;
    assert_eq!(shop.balance(jane.id).await, "700 0 0 0");
    assert_eq!(shop.world.count("reward_tallies WHERE signups <> 0 AND sales <> 0").await, 1);
    let ann = shop.upsert(&customer(shop.program.id, "ann")).await.unwrap();
    shop.record(&sale("organic", "ann", 1_000)).await;
    shop.settle().await;
    shop.world.pass(days(1));
    reassign(&shop, &ann, Some(&joe), PastRewards::Move, "5").await;
    assert_eq!(shop.balance(joe.id).await, "100 0 0 0", "a sign-up; nothing is from before");
    shop.assert_verified().await;
}

/// Also under a rule that counts from the first sale, which was before them all.
#[tokio::test]
async fn what_was_before_the_first_partner_stays_nobodys() {
    let rules = json!([{"id": "base", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": {"type": "PERCENT", "percent": "30"}, "duration": {"type": "YEARS", "n": 1, "from": "FIRST_SALE"}}]);
    let mut shop = Shop::open_with(&terms(rules)).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let ann = shop.upsert(&customer(shop.program.id, "ann")).await.unwrap();
    let organic = shop.record(&sale("organic", "ann", 1_000)).await;
    shop.settle().await;
    shop.world.pass(days(1));
    reassign(&shop, &ann, Some(&jane), PastRewards::Move, "1").await;
    shop.record(&sale("of jane", "ann", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "300 0 0 0");
    shop.world.pass(days(1));
    reassign(&shop, &ann, Some(&joe), PastRewards::Move, "2").await;
    let both = (shop.balance(jane.id).await, shop.balance(joe.id).await);
    assert_eq!(both, ("0 0 0 0".into(), "300 0 0 0".into()));
    assert!(shop.result(&organic).await.ends_with("NO_ATTRIBUTION"), "{}", shop.result(&organic).await);
    shop.assert_verified().await;
}

/// A partner may rely on the terms of the customer's first attribution, also for what was bought in between.
#[tokio::test]
async fn what_was_nobody_s_is_evaluated_under_the_terms_that_were_kept() {
    let mut shop = Shop::empty().await;
    let keep = ProgramChanges { grandfathering: Some(Grandfathering::Keep), ..ProgramChanges::default() };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Program::update(conn, &shop.scope, shop.program.id, &keep, &act).await.unwrap();
    shop.publish(&percent("30"), None).await;
    shop.program = shop.transition(Transition::Activate).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let bob = shop.customer_of("bob", &jane).await;
    shop.world.pass(days(1));
    shop.publish(&percent("10"), None).await;
    shop.settle().await;
    shop.world.pass(days(1));
    reassign(&shop, &bob, None, PastRewards::Keep, "1").await;
    shop.record(&sale("of nobody", "bob", 1_000)).await;
    shop.settle().await;
    shop.world.pass(days(1));
    reassign(&shop, &bob, Some(&joe), PastRewards::Move, "2").await;
    assert_eq!(shop.balance(joe.id).await, "300 0 0 0");
    reassign(&shop, &bob, Some(&jane), PastRewards::Keep, "3").await;
    reassign(&shop, &bob, None, PastRewards::Keep, "4").await;
    shop.record(&sale("of nobody again", "bob", 2_000)).await;
    shop.settle().await;
    // By way of somebody who takes nothing, and of nobody who takes it away.
    reassign(&shop, &bob, Some(&jane), PastRewards::Keep, "5").await;
    reassign(&shop, &bob, None, PastRewards::Move, "6").await;
    assert_eq!(shop.balance(joe.id).await, "0 0 0 0");
    reassign(&shop, &bob, Some(&jane), PastRewards::Move, "7").await;
    assert_eq!(shop.balance(jane.id).await, "900 0 0 0");
    shop.assert_verified().await;
}

/// What was recorded first is before the first partner, whatever the time is that the attribution counts from.
#[tokio::test]
async fn who_signed_up_before_their_partner_was_told_brings_nothing_from_then() {
    let mut shop = Shop::open().await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let signed_up_at = Some(shop.world.now);
    let ann = shop.upsert(&customer(shop.program.id, "ann")).await.unwrap();
    shop.world.pass(days(1));
    shop.record(&sale("organic", "ann", 1_000)).await;
    shop.settle().await;
    shop.world.pass(days(1));
    let touch = Some(Touch::Partner(jane.id));
    let told = CustomerUpsert { touch, signed_up_at, ..customer(shop.program.id, "ann") };
    shop.upsert(&told).await.unwrap();
    shop.record(&sale("of jane", "ann", 2_000)).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "600 0 0 0");
    reassign(&shop, &ann, Some(&joe), PastRewards::Move, "1").await;
    assert_eq!(
        (shop.balance(jane.id).await, shop.balance(joe.id).await),
        ("0 0 0 0".into(), "600 0 0 0".into())
    );
    shop.assert_verified().await;
}

/// In one run with the rate or after it, also where an older one was too old.
#[tokio::test]
async fn what_was_nobody_s_is_converted_by_a_rate_that_came_meanwhile() {
    for (is_apart, has_old) in [(true, false), (false, false), (true, true), (false, true)] {
        let mut shop = Shop::open_with(&DraftTerms { rate_max_age_days: Some(7), ..percent("30") }).await;
        let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
        let bob = shop.customer_of("bob", &jane).await;
        reassign(&shop, &bob, None, PastRewards::Keep, "1").await;
        if has_old {
            store_rate(&shop).await;
            shop.settle().await;
        }
        shop.world.pass(days(10));
        let sold =
            shop.record(&NewTransaction { currency: Currency::EUR, ..sale("euros", "bob", 1_000) }).await;
        shop.settle().await;
        store_rate(&shop).await;
        if is_apart {
            shop.settle().await;
        }
        reassign(&shop, &bob, Some(&joe), PastRewards::Move, "2").await;
        assert_eq!(shop.result(&sold).await, "base 450 HELD", "{is_apart} {has_old}");
        shop.assert_verified().await;
    }
}

/// However late the first of them was evaluated.
#[tokio::test]
async fn a_past_moves_in_recorded_order() {
    let rules = json!([{"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"},
        "tiers": {"metric": "SALES", "steps": [{"from": "1", "value": {"type": "PERCENT", "percent": "40"}}]}}]);
    let shop = Shop::open_with(&terms(rules)).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let bob = shop.customer_of("bob", &jane).await;
    let euros = NewTransaction { currency: Currency::EUR, ..sale("first", "bob", 1_000) };
    let first = shop.record(&euros).await;
    let second = shop.record(&sale("second", "bob", 1_000)).await;
    shop.settle().await;
    store_rate(&shop).await;
    shop.settle().await;
    assert_eq!(
        (shop.result(&first).await, shop.result(&second).await),
        ("base 600 HELD".into(), "base 300 HELD".into())
    );
    reassign(&shop, &bob, Some(&joe), PastRewards::Move, "1").await;
    assert_eq!(shop.balance(joe.id).await, "850 0 0 0", "30 % of 15.00 and 40 % of 10.00");
    shop.assert_verified().await;
}

/// What is left of it, and no more than its caps.
#[tokio::test]
async fn what_was_nobody_s_and_refunded_moves_under_caps() {
    let rules = json!([{"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"},
        "caps": {"perCustomer": "4", "perPartner": {"amount": "5", "period": "MONTH"}}}]);
    let shop = Shop::open_with(&terms(rules)).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let bob = shop.customer_of("bob", &jane).await;
    reassign(&shop, &bob, None, PastRewards::Keep, "1").await;
    for key in ["a", "b"] {
        shop.record(&sale(key, "bob", 1_000)).await;
    }
    shop.adjust("a", "half", NewAdjustmentKind::Refund(cents(500))).await.unwrap();
    shop.settle().await;
    reassign(&shop, &bob, Some(&joe), PastRewards::Move, "2").await;
    assert_eq!(shop.balance(joe.id).await, "400 0 0 0", "half of 3.00, and the 2.50 that this left");
    shop.assert_verified().await;
}

/// Rewards and figures tell alike for whom a sign-up counts.
#[tokio::test]
async fn who_lost_their_partner_before_they_confirmed_signed_up_for_nobody_unless_it_moves() {
    let rules = json!([{"id": "hello", "trigger": "SIGNUP", "beneficiary": "PARTNER",
        "value": {"type": "FIXED", "amount": "1"}}]);
    let mut shop = Shop::of_kind(ProgramKind::Newsletter).await;
    shop.publish(&terms(rules), None).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let touch = Some(Touch::LinkSlug("jane".to_owned()));
    let waits = CustomerUpsert { touch, confirmed: Some(false), ..customer(shop.program.id, "ann") };
    let ann = shop.upsert(&waits).await.unwrap();
    reassign(&shop, &ann, None, PastRewards::Keep, "1").await;
    shop.world.pass(days(1));
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Customer::confirm(conn, &shop.scope, &CustomerName::Id(ann.id), &act).await.unwrap();
    shop.settle().await;
    shop.world.pass(days(1));
    reassign(&shop, &ann, Some(&joe), PastRewards::Keep, "2").await;
    assert_eq!(shop.balance(joe.id).await, "none");
    assert_eq!(signups(&shop).await, [""; 0], "it was past, and stays");
    shop.world.pass(days(1));
    reassign(&shop, &ann, Some(&jane), PastRewards::Move, "3").await;
    assert_eq!(
        (shop.balance(jane.id).await, shop.balance(joe.id).await),
        ("100 0 0 0".into(), "none".into())
    );
    assert_eq!(signups(&shop).await, ["jane 1"]);
    shop.assert_verified().await;
}

/// What a person rejected is not given to another without a person.
#[tokio::test]
async fn an_event_with_a_rejected_reward_waits_for_a_person_again() {
    let rules = json!([
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"}},
        {"id": "back", "trigger": "SALE", "beneficiary": "REFERRED", "stacking": "ADD",
            "value": {"type": "FIXED", "amount": "8"}},
    ]);
    let shop = Shop::open_with(&terms(rules)).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let bob = shop.customer_of("bob", &jane).await;
    let fraud = shop.record(&sale("fraud", "bob", 10_000)).await;
    let honest = shop.record(&sale("honest", "bob", 1_000)).await;
    shop.settle().await;
    let conn = &mut *shop.world.conn().await;
    for made in Reward::of_transactions(conn, &shop.scope, &[fraud.id]).await.unwrap() {
        let review = Review::Reject { reason: "fraud".to_owned() };
        Reward::review(conn, &shop.scope, made.id, &review, &shop.world.act()).await.unwrap();
    }
    reassign(&shop, &bob, Some(&joe), PastRewards::Move, "1").await;
    let standing = async |sale: &Transaction| {
        let rows = Reward::of_transactions(&mut *shop.world.conn().await, &shop.scope, &[sale.id]).await;
        let rows = rows.unwrap().into_iter().filter(|row| row.status != RewardStatus::Rejected);
        let told = |row: &Reward| format!("{} {:?}", row.status, row.review_reasons().unwrap());
        let mut told: Vec<String> = rows.filter(|row| row.net != 0).map(|row| told(&row)).collect();
        told.sort();
        told
    };
    assert_eq!(standing(&fraud).await, ["PENDING_REVIEW [RejectedBefore]"; 2]);
    assert_eq!(standing(&honest).await, ["HELD []"; 2]);
    reassign(&shop, &bob, None, PastRewards::Move, "2").await;
    reassign(&shop, &bob, Some(&jane), PastRewards::Move, "3").await;
    assert_eq!(standing(&fraud).await, ["PENDING_REVIEW [RejectedBefore]"; 2], "however often it is moved");
    assert_eq!(standing(&honest).await, ["HELD []"; 2]);
    shop.assert_verified().await;
}

/// A step that is reached by a move is reached by what moved, not by what a payout keeps where it was: else a second move would
/// reach it by the same evaluation again.
#[tokio::test]
async fn a_step_is_reached_by_what_moved_and_again_after_another_move() {
    let rules = json!([
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"}},
        {"id": "first", "trigger": "MILESTONE", "beneficiary": "PARTNER", "value": {"type": "FIXED", "amount": "5"},
            "milestone": {"metric": "SALES", "at": ["1"]}},
    ]);
    let mut shop = Shop::open_with(&terms(rules)).await;
    let [jane, joe, jim] = [shop.partner("jane").await, shop.partner("joe").await, shop.partner("jim").await];
    shop.method(jane.id, by_hand()).await;
    let bob = shop.customer_of("bob", &jane).await;
    let long_ago = Some(shop.world.now);
    shop.world.pass(days(31));
    shop.record(&sale("moves", "bob", 1_000)).await;
    shop.record(&NewTransaction { occurred_at: long_ago, ..sale("stays", "bob", 10_000) }).await;
    shop.settle().await;
    shop.release().await;
    shop.request(jane.id, "all").await;
    reassign(&shop, &bob, Some(&joe), PastRewards::Move, "1").await;
    assert_eq!(shop.balance(joe.id).await, "800 0 0 0", "the sale that moved, and the step");
    shop.adjust("moves", "cb", NewAdjustmentKind::Chargeback).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.balance(joe.id).await, "0 0 0 0");
    shop.won("cb", "won").await.unwrap();
    shop.settle().await;
    reassign(&shop, &bob, Some(&jim), PastRewards::Keep, "2").await;
    reassign(&shop, &bob, Some(&joe), PastRewards::Move, "3").await;
    assert_eq!(shop.balance(joe.id).await, "800 0 0 0");
    shop.assert_verified().await;
}

//! Requests: what they take, who decides, and what comes back.

use chrono::TimeDelta;
use domain::{
    payout_policies::{PayoutMethodKind, PolicyChanges, Whose},
    payouts::{
        DecideError, Decision, LeftOut, NewRequest, Payout, PayoutStatus, RequestError, Resubmission,
        ResubmitError,
    },
    rewards::{ReversalCause, RewardStatus},
};
use ids::{PartnerId, RewardId};
use money::Money;
use rust_decimal::Decimal;

use crate::{
    paying::{by_paypal, request, shop},
    reverse::change_in,
    shop::Shop,
};

async fn rewards(shop: &Shop) -> Vec<RewardId> {
    let ids = shop.lines("SELECT id::text AS line FROM rewards ORDER BY id").await;
    ids.iter().map(|id| ids::TypedId::from_uuid(id.parse().unwrap())).collect()
}

#[tokio::test]
async fn a_request_reserves_all_that_is_available_at_once() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000), ("jane", 500)]).await;
    let payout = shop.request(jane, "k").await;
    assert_eq!((payout.amount, payout.items, payout.status), (1_500, 2, PayoutStatus::Requested));
    assert_eq!(shop.balance(jane).await, "0 0 1500 0");
    assert_eq!(shop.items(payout.id).await, ["REWARD 1000", "REWARD 500"]);
    assert_eq!(shop.world.count("rewards WHERE status = 'RESERVED'").await, 2);
    assert_eq!(shop.request(jane, "k").await, payout, "the same again");
    let refused = shop.try_request(&request(jane, "other")).await;
    assert!(matches!(refused, Err(RequestError::BelowMinimum { .. })), "{refused:?}");
    let other = NewRequest { currency: Some(money::Currency::USD), ..request(jane, "k") };
    assert!(matches!(shop.try_request(&other).await, Err(RequestError::IdempotencyMismatch)));
    shop.sequence().await;
    assert_eq!(shop.world.count("events WHERE kind = 'payout.requested'").await, 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn decisions_follow_their_arrows_and_give_back_what_is_not_paid() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000)]).await;
    let reason = || "why".to_owned();
    for (number, decision, status) in [
        (1, Decision::Reject { reason: reason() }, PayoutStatus::Rejected),
        (2, Decision::Cancel, PayoutStatus::Cancelled),
        (4, Decision::Withdraw, PayoutStatus::Cancelled),
    ] {
        let payout = shop.request(jane, &format!("k{number}")).await;
        let asked = shop.decide(payout.id, &Decision::RequestChanges { reason: reason() }).await;
        assert_eq!((asked.status, asked.reason.as_deref()), (PayoutStatus::NeedsChanges, Some("why")));
        assert_eq!(shop.balance(jane).await, "0 0 1000 0", "kept while changes are waited for");
        assert_eq!(shop.decide(payout.id, &decision).await.status, status);
        assert_eq!(shop.balance(jane).await, "0 1000 0 0");
        assert_eq!(shop.world.count("rewards WHERE status = 'AVAILABLE'").await, 1);
        let again = {
            let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
            Payout::decide(conn, &shop.scope, &[payout.id], &Decision::Approve, &act).await
        };
        assert!(
            matches!(again, Err(DecideError::WrongState { current, .. }) if current == status),
            "{again:?}"
        );
    }
    let payout = shop.request(jane, "k3").await;
    shop.decide(payout.id, &Decision::RequestChanges { reason: reason() }).await;
    let paypal = shop.method(jane, by_paypal("jane@example.com")).await;
    let said = Resubmission::default();
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let early = Payout::resubmit(conn, &shop.scope, payout.id, &said, &act).await.unwrap_err();
    assert!(matches!(early, ResubmitError::LeftOut(LeftOut::MethodCoolingDown)), "{early:?}");
    assert_ne!(shop.payout(payout.id).await.method_id, paypal.id);
    shop.world.pass(TimeDelta::hours(25));
    let act = shop.world.act();
    let again = Payout::resubmit(conn, &shop.scope, payout.id, &said, &act).await.unwrap();
    assert_eq!((again.status, again.method_id, again.reason), (PayoutStatus::Requested, paypal.id, None));
    assert_eq!(shop.decide(payout.id, &Decision::Approve).await.status, PayoutStatus::Approved);
    shop.assert_verified().await;
}

/// A refund before the request is in it, one after it is debt for the next (F18).
#[tokio::test]
async fn refunds_before_while_and_after_are_taken_off_once() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000), ("jane", 500)]).await;
    let [big, small] = rewards(&shop).await[..] else { panic!() };
    change_in(&shop, &[(big, 700)], ReversalCause::Refund).await.unwrap();
    let first = shop.request(jane, "k1").await;
    assert_eq!(first.amount, 1_200);
    assert_eq!(shop.items(first.id).await.len(), 3, "two rewards and what was taken back");
    change_in(&shop, &[(big, 600), (small, 0)], ReversalCause::Refund).await.unwrap();
    assert_eq!(shop.balance(jane).await, "0 -600 1200 0", "what is reserved is paid; the rest is debt");
    assert_eq!(shop.reward(small).await.status, RewardStatus::Reserved);
    shop.assert_verified().await;
    shop.earn(&[("jane", 2_000)]).await;
    let second = shop.request(jane, "k2").await;
    assert_eq!((second.amount, second.items), (1_400, 3), "less the debt");
    change_in(&shop, &[(small, 500)], ReversalCause::ChargebackWon).await.unwrap();
    shop.decide(first.id, &Decision::Cancel).await;
    assert_eq!(shop.balance(jane).await, "0 1700 1400 0");
    shop.assert_verified().await;
    let third = shop.request(jane, "k3").await;
    assert_eq!(third.amount, 1_700);
    shop.assert_verified().await;
}

/// What is reversed as a whole while a payout has it is reversed when it comes back, and no item of anything.
#[tokio::test]
async fn what_comes_back_of_nothing_is_reversed() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000), ("jane", 300)]).await;
    let [big, _] = rewards(&shop).await[..] else { panic!() };
    let payout = shop.request(jane, "k1").await;
    change_in(&shop, &[(big, 0)], ReversalCause::Void).await.unwrap();
    shop.decide(payout.id, &Decision::Reject { reason: "no".to_owned() }).await;
    assert_eq!(shop.reward(big).await.status, RewardStatus::Reversed);
    assert_eq!(shop.balance(jane).await, "0 300 0 0");
    let next = shop.request(jane, "k2").await;
    assert_eq!((next.amount, next.items), (300, 1));
    shop.assert_verified().await;
}

#[tokio::test]
async fn chosen_rewards_take_what_is_owed_along() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000), ("jane", 500), ("jane", 200)]).await;
    let [big, middle, small] = rewards(&shop).await[..] else { panic!() };
    let chosen = |ids: &[RewardId], key| NewRequest { rewards: Some(ids.to_vec()), ..request(jane, key) };
    let first = shop.try_request(&chosen(&[big], "k1")).await.unwrap();
    assert_eq!(first.amount, 1_000);
    change_in(&shop, &[(big, 900), (middle, 450)], ReversalCause::Refund).await.unwrap();
    let second = shop.try_request(&chosen(&[small], "k2")).await.unwrap();
    assert_eq!(
        second.amount, 100,
        "less what is owed of the first, while the other goes with its own reward"
    );
    let taken = shop.try_request(&chosen(&[middle, small], "k3")).await;
    assert!(matches!(&taken, Err(RequestError::RewardsNotAvailable(ids)) if ids == &[small]), "{taken:?}");
    assert_eq!(shop.balance(jane).await, "0 450 1100 0");
    let none: Result<_, _> = shop.try_request(&chosen(&[], "k4")).await;
    assert!(matches!(none, Err(RequestError::Invalid(_))));
    shop.assert_verified().await;
}

/// What a request is answered with under a changed policy.
async fn refusal(shop: &Shop, partner: PartnerId, changes: PolicyChanges, whose: Whose) -> RequestError {
    shop.policy(whose, changes).await;
    shop.try_request(&request(partner, "k")).await.unwrap_err()
}

const ON: Option<Option<bool>> = Some(Some(true));

#[tokio::test]
async fn a_partners_policy_says_more_than_the_programs() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000)]).await;
    let program = Whose::Program(shop.program.id);
    let minimum = Some(Some(Decimal::new(1_001, 2)));
    let error = refusal(&shop, jane, PolicyChanges { minimum, ..PolicyChanges::default() }, program).await;
    let dollars = |cents| Money::new(cents, shop.program.currency);
    let RequestError::BelowMinimum { available, minimum } = error else { panic!("{error:?}") };
    assert_eq!((available, minimum), (dollars(1_000), dollars(1_001)));
    let (minimum, partner_requests) = (Some(None), Some(Some(false)));
    let off = PolicyChanges { minimum, partner_requests, ..PolicyChanges::default() };
    assert!(matches!(refusal(&shop, jane, off, program).await, RequestError::RequestsOff));
    let back = PolicyChanges { partner_requests: ON, auto_approve_requests: ON, ..PolicyChanges::default() };
    shop.policy(Whose::Partner(jane), back).await;
    assert_eq!(shop.request(jane, "k").await.status, PayoutStatus::Approved);
    shop.assert_verified().await;
}

#[tokio::test]
async fn policies_say_who_is_not_paid_and_why() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000)]).await;
    let nothing = PolicyChanges::default;
    let (paypal, off) = (Some(Some(vec![PayoutMethodKind::Paypal])), Some(None));
    for (changes, why) in [
        (PolicyChanges { tax_data_required: ON, ..nothing() }, LeftOut::TaxDataMissing),
        (
            PolicyChanges { invoice_required: ON, tax_data_required: off, ..nothing() },
            LeftOut::InvoiceMissing,
        ),
        (
            PolicyChanges { minimum_customers: Some(Some(2)), invoice_required: off, ..nothing() },
            LeftOut::TooFewCustomers,
        ),
        (
            PolicyChanges { minimum_customers: Some(Some(1)), methods: paypal, ..nothing() },
            LeftOut::MethodNotAllowed,
        ),
    ] {
        let error = refusal(&shop, jane, changes, Whose::Partner(jane)).await;
        assert!(matches!(error, RequestError::LeftOut(said) if said == why), "{error:?}, not {why}");
    }
    shop.method(jane, by_paypal("jane@example.com")).await;
    let error = shop.try_request(&request(jane, "k")).await.unwrap_err();
    assert!(matches!(error, RequestError::LeftOut(LeftOut::MethodCoolingDown)), "{error:?}");
    shop.world.pass(chrono::TimeDelta::hours(24));
    shop.suspend(jane).await;
    let error = shop.try_request(&request(jane, "k")).await.unwrap_err();
    assert!(matches!(error, RequestError::LeftOut(LeftOut::PartnerNotApproved)), "{error:?}");
    shop.reinstate(jane).await;
    assert_eq!(shop.request(jane, "k").await.status, PayoutStatus::Requested);
    shop.assert_verified().await;
}

/// Who puts the method away first and then says another does not get around the cooling down.
#[tokio::test]
async fn a_method_that_was_put_away_before_cools_the_next_one_down_too() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000)]).await;
    {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        domain::payout_methods::PayoutMethod::archive(conn, &shop.scope, jane, &act).await.unwrap();
    }
    let error = shop.try_request(&request(jane, "k")).await.unwrap_err();
    assert!(matches!(error, RequestError::LeftOut(LeftOut::MethodMissing)), "{error:?}");
    shop.world.pass(chrono::TimeDelta::hours(1));
    shop.method(jane, by_paypal("thief@example.com")).await;
    let error = shop.try_request(&request(jane, "k")).await.unwrap_err();
    assert!(matches!(error, RequestError::LeftOut(LeftOut::MethodCoolingDown)), "{error:?}");
    shop.world.pass(chrono::TimeDelta::hours(24));
    assert_eq!(shop.request(jane, "k").await.amount, 1_000);
}

/// The same details again change nothing; others are another method, and the payout keeps the one that it was made with.
#[tokio::test]
async fn methods_never_change_and_are_sealed() {
    let mut shop = shop().await;
    let jane = shop.payee("jane").await;
    shop.earn(&[("jane", 1_000)]).await;
    let payout = shop.request(jane, "k").await;
    let first = shop.method(jane, by_paypal("jane@example.com")).await;
    let same = shop.method(jane, by_paypal(" jane@example.com ")).await;
    assert!(first.replaced_another && first.default_since.is_some());
    assert_eq!(same, first);
    assert!(!first.label.contains("jane@"), "{}", first.label);
    let stored = shop.lines("SELECT encode(details, 'escape') || label AS line FROM payout_methods").await;
    assert!(stored.iter().all(|line| !line.contains("jane@") && !line.contains("Cash")), "{stored:?}");
    assert_eq!(shop.payout(payout.id).await.method_id, payout.method_id);
    assert_ne!(payout.method_id, first.id);
    assert!(first.unsealed(&crate::paying::vault()).is_ok());
    let swapped = domain::payout_methods::PayoutMethod { id: payout.method_id, ..first };
    assert!(swapped.unsealed(&crate::paying::vault()).is_err(), "sealed for its own id");
    let refused = shop.refused("UPDATE payout_methods SET label = 'x'").await;
    assert!(refused.contains("payout_methods"), "{refused}");
}

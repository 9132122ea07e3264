//! Promises of the book that hold for any history: M6, I3, caps and budgets that are never overrun, replays.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use ids::{AdjustmentId, CustomerId, PartnerId, RewardId, TransactionId, TypedId};
use money::{Currency, Rate, Ratio, Rounding};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    calendar::Calendar,
    programs::Grandfathering,
    rewards::{LineRefund, RateFacts, TakenBack},
    terms::{RewardCurrency, SelfReferral, TermsInForce, samples::any_rules},
    transactions::{Line, lines},
};

fn id<T: TypedId>(number: u128) -> T {
    T::from_uuid(Uuid::from_u128(number))
}

fn day(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_454 + day) // from 2026-01-01
}

fn terms(rules: serde_json::Value, rounding: Rounding) -> TermsInForce {
    TermsInForce {
        number: 1,
        effective_from: day(0),
        rules: serde_json::from_value(rules).unwrap(),
        hold_days: 30,
        rounding,
        self_referral: SelfReferral::Reject,
        rate_max_age_days: None,
        reward_currency: RewardCurrency::Program,
        duplicate_sale_minutes: None,
        existing_customer_review: false,
        referred_while_suspended: false,
        group: None,
        partner: None,
    }
}

/// A book with three partners in a line, and four customers of the lowest.
fn book(terms: TermsInForce, budget: Option<i64>) -> Book<'static> {
    let policy = Policy {
        currency: Currency::USD,
        calendar: Calendar::of("UTC"),
        grandfathering: Grandfathering::Follow,
        budget,
    };
    let mut next = 0;
    let mut book = Book::new(policy, vec![terms], move || {
        next += 1;
        id::<RewardId>(next)
    });
    for partner in 1..=3_u128 {
        let upline = (partner < 3).then(|| id::<PartnerId>(partner + 1));
        book.partner_is(id(partner), PartnerState { is_approved: true, upline, ..PartnerState::default() });
    }
    for customer in 1..=4_u128 {
        let (email, country, tags) = (None, None, vec![]);
        let partner = Some(id(1));
        book.signed_up(SignUp { id: id(customer), at: day(1), email, country, tags, partner }).unwrap();
    }
    book
}

fn sale(number: u128, customer: u128, at: i64, items: &[i64]) -> NewSale {
    let item = |amount: &i64| Line { product_id: None, product_type: None, quantity: 1, amount: *amount };
    let net = items.iter().sum();
    NewSale {
        id: id(number),
        key: number.to_string(),
        customer: id::<CustomerId>(customer),
        at: day(at),
        currency: Currency::USD,
        gross: net,
        net,
        lines: lines(net, 0, 0, items.iter().map(item).collect()).unwrap().lines,
        rewardable: true,
        coupon: None,
        rate: Some(RateFacts { rate: Rate::ONE, at: None }),
    }
}

/// What happened to sale 1.
#[derive(Debug, Clone)]
enum Happened {
    Refund(i64),
    Line(usize, i64),
    Chargeback,
    Won,
}

fn adjustment(number: usize, happened: &Happened) -> AdjustmentFacts {
    let kind = match happened {
        Happened::Refund(amount) => Adjusts::Refund(TakenBack::Amount(Ratio::from(*amount))),
        Happened::Line(line, amount) => {
            Adjusts::Refund(TakenBack::Lines(vec![LineRefund { line: *line, amount: *amount }]))
        }
        Happened::Chargeback => Adjusts::Chargeback,
        Happened::Won => Adjusts::ChargebackWon { chargeback: "Chargeback".to_owned() },
    };
    let key = match happened {
        Happened::Chargeback => "Chargeback".to_owned(),
        _ => number.to_string(),
    };
    let sale_key = if matches!(happened, Happened::Won) { String::new() } else { "1".to_owned() };
    AdjustmentFacts { id: id::<AdjustmentId>(number as u128), key, sale_key, at: day(50), kind }
}

/// The nets by rule, as the effects say them.
fn nets(effects: Vec<Effect>, book: &Book<'_>) -> BTreeMap<String, i64> {
    let mut ids: BTreeMap<RewardId, i64> = BTreeMap::new();
    for effect in effects {
        match effect {
            Effect::Earned(made) => assert!(ids.insert(made.id, made.amount).is_none()),
            Effect::Net { reward, net, .. } => assert_ne!(ids.insert(reward, net), Some(net), "no change"),
            Effect::Evaluated(_) => {}
        }
    }
    ids.iter().map(|(id, net)| (book.reward(*id).unwrap().rule.to_string(), *net)).collect()
}

fn rules() -> serde_json::Value {
    json!([
        {"id": "sale", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "33.333"}},
        {"id": "once", "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD",
            "value": {"type": "FIXED", "amount": "7.77"}, "reversal": "WHOLE"},
        {"id": "above", "trigger": "SALE", "beneficiary": "UPLINE", "level": 1, "of": "REWARD",
            "value": {"type": "PERCENT", "percent": "12.5"}},
        {"id": "points", "trigger": "SALE", "beneficiary": "REFERRED",
            "value": {"type": "UNITS", "unit": "points", "amount": "101"}},
    ])
}

fn any_happened() -> impl Strategy<Value = Happened> {
    prop_oneof![
        (1_i64..400).prop_map(Happened::Refund),
        (0_usize..3, 1_i64..300).prop_map(|(line, amount)| Happened::Line(line, amount)),
        Just(Happened::Won),
    ]
}

proptest! {
    /// M6: all orders of the adjustments, and of the sale among them, leave the same. Refunds stay below the sale here: beyond
    /// it the order decides what counts of each.
    #[test]
    fn what_is_left_does_not_depend_on_the_path(
        happened in proptest::collection::vec(any_happened(), 0..6), with_chargeback in any::<bool>(),
        shuffle in any::<u64>(), place in 0_usize..8, rounding in 0..Rounding::ALL.len(),
    ) {
        let mut happened = happened;
        if with_chargeback {
            happened.push(Happened::Chargeback);
        }
        let rounding = Rounding::ALL[rounding];
        let one = sale(1, 1, 40, &[1_999, 2_001, 3_000]);
        let run = |order: &[usize], place: usize| {
            let mut book = book(terms(rules(), rounding), None);
            let mut effects = Vec::new();
            for (step, number) in order.iter().enumerate() {
                if step == place {
                    effects.extend(book.sold(one.clone()).unwrap());
                }
                effects.extend(book.adjusted(adjustment(*number + 10, &happened[*number])).unwrap());
            }
            if place >= order.len() {
                effects.extend(book.sold(one.clone()).unwrap());
            }
            nets(effects, &book)
        };
        let order: Vec<usize> = (0..happened.len()).collect();
        let mut other = order.clone();
        other.sort_by_key(|number| (*number as u64 + 1).wrapping_mul(shuffle | 1));
        prop_assert_eq!(run(&order, 0), run(&other, place));
    }

    /// I3, the budget and the nets, over random rules and events; the same events again give the same effects.
    #[test]
    fn random_histories_keep_their_promises(
        rules in any_rules(), budget in proptest::option::of(0_i64..20_000),
        events in proptest::collection::vec((0_u8..4, 1_u128..6, 1_u128..5, 20_i64..60, 1_i64..50_000), 1..25),
    ) {
        let run = || {
            let version = TermsInForce { rules: rules.clone(), ..terms(json!([]), Rounding::HalfUp) };
            let mut book = book(version, budget);
            let mut effects = Vec::new();
            let mut sold = HashSet::new();
            for (place, (what, number, customer, at, amount)) in events.iter().enumerate() {
                if *what < 2 {
                    if sold.insert(*number) {
                        effects.extend(book.sold(sale(*number, *customer, *at, &[*amount, 500])).unwrap());
                    }
                    continue;
                }
                let kind = match what {
                    2 => Adjusts::Refund(TakenBack::Amount(Ratio::from(*amount))),
                    _ => Adjusts::Void,
                };
                let (adjustment_id, key) = (id::<AdjustmentId>(place as u128), place.to_string());
                let sale_key = number.to_string();
                let adjustment = AdjustmentFacts { id: adjustment_id, key, sale_key, at: day(*at), kind };
                effects.extend(book.adjusted(adjustment).unwrap());
                let spent: i64 = book.rewards.values()
                    .filter(|reward| reward.currency == Currency::USD).map(RewardState::present_net).sum();
                prop_assert_eq!(spent, book.counted().budget_spent);
                prop_assert!(budget.is_none_or(|budget| spent <= budget));
            }
            Ok((format!("{effects:?}"), effects, book.rewards.clone()))
        };
        let (said, effects, rewards) = run()?;
        prop_assert_eq!(&said, &run()?.0);
        let mut once = HashSet::new();
        for effect in effects {
            match effect {
                Effect::Earned(made) => {
                    let key = (made.source, made.rule.clone(), made.beneficiary, made.level, made.step);
                    prop_assert!(made.amount > 0 && once.insert(key));
                }
                Effect::Net { reward, net, .. } => prop_assert!((0..=rewards[&reward].amount).contains(&net)),
                Effect::Evaluated(_) => {}
            }
        }
    }
}

#[test]
fn a_void_sale_is_not_the_first() {
    let rules = json!([{"id": "first", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": {"type": "PERCENT", "percent": "10"}, "duration": {"type": "COUNT", "n": 1}}]);
    let mut book = book(terms(rules, Rounding::HalfEven), None);
    let earns = |effects: Vec<Effect>| effects.iter().any(|effect| matches!(effect, Effect::Earned(_)));
    assert!(earns(book.sold(sale(1, 1, 40, &[1_000])).unwrap()));
    assert!(!earns(book.sold(sale(2, 1, 41, &[1_000])).unwrap()));
    let void = |number: u128| AdjustmentFacts {
        id: id(number + 100),
        key: format!("void {number}"),
        sale_key: number.to_string(),
        at: day(42),
        kind: Adjusts::Void,
    };
    book.adjusted(void(1)).unwrap();
    assert!(!earns(book.sold(sale(3, 1, 43, &[1_000])).unwrap()));
    assert_eq!(book.customer(id(1)).unwrap().first, Some((id::<TransactionId>(2), day(41))));
    book.adjusted(void(2)).unwrap();
    book.adjusted(void(3)).unwrap();
    assert!(earns(book.sold(sale(4, 1, 44, &[1_000])).unwrap()));
}

/// With rewards in the sale's currency a share is of the partner's rewards in that currency, and follows these alone.
#[test]
fn a_share_follows_the_rewards_of_its_own_currency() {
    let rules = json!([
        {"id": "sale", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "10"}},
        {"id": "once", "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD",
            "value": {"type": "FIXED", "amount": "5"}, "reversal": "WHOLE"},
        {"id": "above", "trigger": "SALE", "beneficiary": "UPLINE", "level": 1, "of": "REWARD",
            "value": {"type": "PERCENT", "percent": "10"}},
    ]);
    let terms = TermsInForce { reward_currency: RewardCurrency::Sale, ..terms(rules, Rounding::HalfEven) };
    let mut book = book(terms, None);
    let euros = NewSale { currency: Currency::EUR, ..sale(1, 1, 40, &[10_000]) };
    let mut effects = book.sold(euros).unwrap();
    effects.extend(book.adjusted(adjustment(10, &Happened::Refund(5_000))).unwrap());
    let left = nets(effects, &book);
    let expected = [("above", 50), ("once", 500), ("sale", 500)];
    assert_eq!(left, expected.map(|(rule, net)| (rule.to_owned(), net)).into());
}

use chrono::{DateTime, Utc};
use money::{Currency, Rate, Rounding};
use serde_json::json;

use super::*;
use crate::{
    terms::{SelfReferral, parse_rules},
    transactions::{Line, lines},
};

pub(super) fn day(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + day * 86_400, 0).unwrap() // from 2026-01-01
}

pub(super) fn facts(net: i64, items: &[(i64, i32)]) -> SaleFacts<&'static str> {
    let item = |(amount, quantity): &(i64, i32)| Line {
        product_id: None,
        product_type: None,
        quantity: *quantity,
        amount: *amount,
    };
    SaleFacts {
        occurred_at: day(40),
        currency: Currency::USD,
        gross: net,
        net,
        lines: lines(net, 0, 0, items.iter().map(item).collect()).unwrap().lines,
        rewardable: true,
        program_currency: Currency::USD,
        rate: Some(Rate::ONE),
        attribution: Some(AttributionFacts {
            partner: "A",
            at: day(30),
            partner_approved: true,
            self_referred: false,
        }),
        self_referral_without_terms: SelfReferral::Allow,
    }
}

fn terms(rules: serde_json::Value) -> TermsInForce {
    let mut rules = rules;
    for (index, rule) in rules.as_array_mut().unwrap().iter_mut().enumerate() {
        rule["id"] = json!(format!("r{index}"));
        rule["trigger"] = json!("SALE");
        rule["beneficiary"] = json!("PARTNER");
    }
    let (rounding, self_referral) = (Rounding::HalfEven, SelfReferral::Reject);
    let rules = parse_rules(&rules).unwrap();
    TermsInForce { number: 1, effective_from: day(0), rules, hold_days: 30, rounding, self_referral }
}

fn percent(percent: &str) -> serde_json::Value {
    json!({"type": "PERCENT", "percent": percent})
}

/// The rewards as (rule, amount), or the reason.
fn said(
    facts: &SaleFacts<&'static str>,
    terms: Option<&TermsInForce>,
) -> Result<Vec<(String, i64)>, NonRewardReason> {
    match evaluate(facts, terms).unwrap().outcome {
        Outcome::Rewards(rewards) => {
            Ok(rewards.iter().map(|reward| (reward.rule.to_string(), reward.amount)).collect())
        }
        Outcome::NonReward(reason) => Err(reason),
    }
}

#[test]
fn gates_close_in_their_order() {
    let thirty = terms(json!([{"value": percent("30")}]));
    let mut open = facts(-5, &[]);
    open.rewardable = false;
    open.rate = None;
    open.self_referral_without_terms = SelfReferral::Reject;
    let attribution = open.attribution.take();
    let mut terms = None;
    let expect = |facts: &_, terms, reason| assert_eq!(said(facts, terms), Err(reason));
    expect(&open, terms, NonRewardReason::Excluded);
    open.rewardable = true;
    expect(&open, terms, NonRewardReason::NothingPaid);
    (open.net, open.lines) = (0, lines(0, 0, 0, vec![]).unwrap().lines);
    expect(&open, terms, NonRewardReason::NothingPaid);
    (open.net, open.lines) = (100, lines(100, 0, 0, vec![]).unwrap().lines);
    expect(&open, terms, NonRewardReason::NoAttribution);
    let partner = AttributionFacts { partner_approved: false, self_referred: true, ..attribution.unwrap() };
    open.attribution = Some(partner.clone());
    expect(&open, terms, NonRewardReason::PartnerNotApproved);
    open.attribution = Some(AttributionFacts { partner_approved: true, ..partner.clone() });
    expect(&open, terms, NonRewardReason::SelfReferral);
    open.attribution = Some(AttributionFacts { partner_approved: true, self_referred: false, ..partner });
    expect(&open, terms, NonRewardReason::NoTerms);
    terms = Some(&thirty);
    expect(&open, terms, NonRewardReason::RateMissing);
    open.rate = Some(Rate::ONE);
    assert_eq!(said(&open, terms), Ok(vec![("r0".to_owned(), 30)]));
}

#[test]
fn a_self_referred_sale_by_policy() {
    let mut sale = facts(1000, &[]);
    sale.attribution.as_mut().unwrap().self_referred = true;
    for (self_referral, pending) in
        [(SelfReferral::Reject, None), (SelfReferral::Review, Some(true)), (SelfReferral::Allow, Some(false))]
    {
        let terms = TermsInForce { self_referral, ..terms(json!([{"value": percent("30")}])) };
        let found = match evaluate(&sale, Some(&terms)).unwrap().outcome {
            Outcome::Rewards(rewards) => Some(rewards[0].pending_review),
            Outcome::NonReward(_) => None,
        };
        assert_eq!(found, pending, "{self_referral}");
        // Without a version the first one's policy may reject; none of them lets anything be earned.
        sale.self_referral_without_terms = self_referral;
        let rejects = self_referral == SelfReferral::Reject;
        let reason = if rejects { NonRewardReason::SelfReferral } else { NonRewardReason::NoTerms };
        assert_eq!(said(&sale, None), Err(reason));
    }
}

#[test]
fn exclusive_rules_share_lines_by_priority_and_additive_ones_see_all() {
    let rules = terms(json!([
        {"value": percent("10")},
        {"value": percent("50"), "priority": 1},
        {"value": percent("1"), "stacking": "ADD", "priority": 5},
        {"value": {"type": "FIXED", "amount": "2.00"}, "stacking": "ADD"},
    ]));
    let made = said(&facts(10_000, &[(6_000, 1), (1_000, 3)]), Some(&rules)).unwrap();
    assert_eq!(
        made,
        [("r2", 100), ("r1", 5_000), ("r3", 200)].map(|(rule, amount)| (rule.to_owned(), amount))
    );
}

#[test]
fn an_exclusive_rule_takes_its_lines_even_if_it_pays_nothing() {
    let rules = terms(json!([{"value": percent("0")}, {"value": percent("30")}]));
    assert_eq!(said(&facts(1_000, &[]), Some(&rules)), Err(NonRewardReason::ZeroAmount));
    let evaluation = evaluate(&facts(1_000, &[]), Some(&rules)).unwrap();
    assert_eq!(evaluation.trace.rules[1].verdict, Verdict::NoLinesLeft);
}

#[test]
fn values_of_every_kind() {
    let sale = facts(9_999, &[(3_000, 2), (3_000, 3)]); // and 39.99 more as one unit
    let table = [
        (json!({"value": percent("33.333")}), 3_333),
        (json!({"value": {"type": "FIXED", "amount": "5.019"}}), 501),
        (json!({"value": {"type": "FIXED", "amount": "5.019", "per": "UNIT"}}), 6 * 501),
    ];
    for (rule, amount) in table {
        let made = said(&sale, Some(&terms(json!([rule.clone()]))));
        assert_eq!(made, Ok(vec![("r0".to_owned(), amount)]), "{rule}");
    }
    let gross = SaleFacts { gross: 12_100, ..facts(10_000, &[]) };
    let ten = terms(json!([{"value": percent("10"), "base": "GROSS"}]));
    assert_eq!(said(&gross, Some(&ten)), Ok(vec![("r0".to_owned(), 1_210)]));
}

#[test]
fn one_minor_unit_is_worth_the_rate_and_the_fineness_of_both() {
    let thirty = terms(json!([{"value": percent("30")}]));
    let yen =
        SaleFacts { currency: Currency::JPY, rate: Some("0.0065".parse().unwrap()), ..facts(1_000, &[]) };
    assert_eq!(said(&yen, Some(&thirty)), Ok(vec![("r0".to_owned(), 195)])); // 1000 yen, 6.50 USD, 1.95 USD
    let dinar =
        SaleFacts { currency: Currency::KWD, rate: Some("3.25".parse().unwrap()), ..facts(1_234, &[]) };
    assert_eq!(said(&dinar, Some(&thirty)), Ok(vec![("r0".to_owned(), 120)])); // 1.234 dinars, 4.0105 USD, 1.20315
}

#[test]
fn nothing_before_the_attribution() {
    let thirty = terms(json!([{"value": percent("30")}]));
    let mut sale = facts(1_000, &[]);
    sale.occurred_at = day(30);
    assert!(said(&sale, Some(&thirty)).is_ok());
    sale.occurred_at = day(30) - TimeDelta::seconds(1);
    assert_eq!(said(&sale, Some(&thirty)), Err(NonRewardReason::NoRuleMatched));
}

#[test]
fn what_does_not_fit_is_an_error_and_no_panic() {
    let ten_times = terms(json!([{"value": percent("1000")}]));
    assert_eq!(evaluate(&facts(i64::MAX, &[]), Some(&ten_times)), Err(AmountOutOfRange));
    let mut late = facts(1_000, &[]);
    late.occurred_at = DateTime::<Utc>::MAX_UTC;
    assert_eq!(evaluate(&late, Some(&ten_times)), Err(AmountOutOfRange));
}

#[test]
fn the_trace_in_words() {
    let rules = terms(json!([{"value": percent("30")}, {"value": percent("10")}]));
    let evaluation = evaluate(&facts(9_999, &[]), Some(&rules)).unwrap();
    let expected = [
        "Sale on 2026-02-10 00:00:00 UTC of 99.99 USD net (99.99 USD gross) to a customer who was attributed on \
         2026-01-31 00:00:00 UTC.",
        "Terms version 1: amounts are rounded HALF_EVEN, rewards are held for 30 days.",
        "Rule r0, 30 % of the net of the sale: 1 line of net 99.99 USD, exactly 29.997 USD, rounded to 30.00 USD.",
        "Rule r1, 10 % of the net of the sale: does not apply, earlier rules took every line.",
        "Held until 2026-03-12 00:00:00 UTC.",
    ];
    assert_eq!(explain(&evaluation.trace), expected);
}

#[test]
fn the_trace_of_a_closed_gate_in_words() {
    let mut sale = facts(9_999, &[]);
    sale.attribution = None;
    let expected = [
        "Sale on 2026-02-10 00:00:00 UTC of 99.99 USD net (99.99 USD gross) to a customer who is attributed to nobody.",
        "No reward. The customer did not come through a partner.",
    ];
    assert_eq!(explain(&evaluate(&sale, None).unwrap().trace), expected);
}

use chrono::{DateTime, TimeDelta, Utc};
use ids::{CustomerId, PartnerId, TransactionId, TypedId};
use money::{Currency, Rate, Ratio, Rounding};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    calendar::Calendar,
    terms::{Metric, RewardCurrency, SelfReferral},
    transactions::{Line, lines},
};

pub(super) fn day(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + day * 86_400, 0).unwrap() // from 2026-01-01
}

pub(super) fn partner() -> PartnerId {
    PartnerId::from_uuid(Uuid::from_u128(1))
}

pub(super) fn customer() -> CustomerId {
    CustomerId::from_uuid(Uuid::from_u128(2))
}

/// A sale of day 40 to a customer of day 30.
pub(super) fn facts(net: i64, items: &[(i64, i32)]) -> Facts {
    let item = |(amount, quantity): &(i64, i32)| Line {
        product_id: None,
        product_type: None,
        quantity: *quantity,
        amount: *amount,
    };
    let sale = SaleFacts {
        currency: Currency::USD,
        gross: net,
        net,
        lines: lines(net, 0, 0, items.iter().map(item).collect()).unwrap().lines,
        rewardable: true,
        coupon: None,
        rate: Some(RateFacts { rate: Rate::ONE, at: None }),
        index: 1,
        first_sale_at: Some(day(40)),
        twin: None,
    };
    Facts {
        occurred_at: day(40),
        sale: Some(sale),
        customer: CustomerFacts {
            id: customer(),
            since: day(30),
            country: None,
            tags: vec![],
            lost_partner: false,
        },
        attribution: Some(AttributionFacts {
            partner: partner(),
            at: day(30),
            partner_approved: true,
            partner_suspended: false,
            self_referred: false,
            group: None,
            tags: vec![],
            uplines: vec![],
        }),
        program_currency: Currency::USD,
        calendar: Calendar::of("UTC"),
        self_referral_without_terms: SelfReferral::Allow,
        budget_left: None,
        rejected_before: false,
    }
}

/// The same with another sale.
fn with_sale(facts: &Facts, change: impl FnOnce(&mut SaleFacts)) -> Facts {
    let mut facts = facts.clone();
    change(facts.sale.as_mut().unwrap());
    facts
}

pub(super) fn terms(rules: serde_json::Value) -> TermsInForce {
    let mut rules = rules;
    for (index, rule) in rules.as_array_mut().unwrap().iter_mut().enumerate() {
        rule["id"] = json!(format!("r{index}"));
        rule["trigger"] = json!("SALE");
        if rule["beneficiary"].is_null() {
            rule["beneficiary"] = json!("PARTNER");
        }
    }
    TermsInForce {
        number: 1,
        effective_from: day(0),
        rules: serde_json::from_value(rules).unwrap(),
        hold_days: 30,
        rounding: Rounding::HalfEven,
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

pub(super) fn evaluated(facts: &Facts, terms: Option<&TermsInForce>) -> Evaluation {
    evaluate(facts, terms, &StoredCounters::default()).unwrap()
}

pub(super) fn percent(percent: &str) -> serde_json::Value {
    json!({"type": "PERCENT", "percent": percent})
}

/// The rewards as (rule, amount), or the reason.
pub(super) fn said(
    facts: &Facts,
    terms: Option<&TermsInForce>,
) -> Result<Vec<(String, i64)>, NonRewardReason> {
    match evaluated(facts, terms).outcome {
        Outcome::Rewards(rewards) => {
            Ok(rewards.iter().map(|reward| (reward.rule.to_string(), reward.amount)).collect())
        }
        Outcome::NonReward(reason) => Err(reason),
        Outcome::NotAsked => Ok(vec![]),
    }
}

#[test]
fn gates_close_in_their_order() {
    let thirty = terms(json!([{"value": percent("30")}]));
    let mut open = with_sale(&facts(100, &[]), |sale| {
        (sale.rewardable, sale.rate, sale.net, sale.lines[0].amount) = (false, None, -5, -5);
    });
    open.self_referral_without_terms = SelfReferral::Reject;
    let attribution = open.attribution.take().unwrap();
    let expect = |facts: &_, terms, reason| assert_eq!(said(facts, terms), Err(reason));
    expect(&open, None, NonRewardReason::Excluded);
    let open = with_sale(&open, |sale| sale.rewardable = true);
    expect(&open, None, NonRewardReason::NothingPaid);
    let open = with_sale(&open, |sale| (sale.net, sale.lines[0].amount) = (0, 0));
    expect(&open, None, NonRewardReason::NothingPaid);
    let mut open = with_sale(&open, |sale| (sale.net, sale.lines[0].amount) = (100, 100));
    expect(&open, None, NonRewardReason::NoAttribution);
    let attributed = AttributionFacts { partner_approved: false, self_referred: true, ..attribution };
    open.attribution = Some(attributed.clone());
    expect(&open, None, NonRewardReason::PartnerNotApproved);
    open.attribution = Some(AttributionFacts { partner_approved: true, ..attributed.clone() });
    expect(&open, None, NonRewardReason::SelfReferral);
    open.attribution = Some(AttributionFacts { partner_approved: true, self_referred: false, ..attributed });
    expect(&open, None, NonRewardReason::NoTerms);
    expect(&open, Some(&thirty), NonRewardReason::RateMissing);
    let at = Some(open.occurred_at - chrono::TimeDelta::days(8));
    let old = with_sale(&open, |sale| sale.rate = Some(RateFacts { rate: Rate::ONE, at }));
    let week = TermsInForce { rate_max_age_days: Some(7), ..thirty.clone() };
    expect(&old, Some(&week), NonRewardReason::RateMissing);
    let told = evaluate(&old, Some(&week), &StoredCounters::default()).unwrap().trace.event.sale.unwrap();
    assert_eq!(told.rate, None, "no rate that did not count is told");
    let open = with_sale(&open, |sale| sale.rate = Some(RateFacts { rate: Rate::ONE, at: None }));
    assert_eq!(said(&open, Some(&thirty)), Ok(vec![("r0".to_owned(), 30)]));
}

#[test]
fn a_self_referred_sale_by_policy() {
    let mut sale = facts(1000, &[]);
    sale.attribution.as_mut().unwrap().self_referred = true;
    for (self_referral, pending, qualified) in [
        (SelfReferral::Reject, None, false),
        (SelfReferral::Review, Some(true), false),
        (SelfReferral::Allow, Some(false), true),
    ] {
        let terms = TermsInForce { self_referral, ..terms(json!([{"value": percent("30")}])) };
        let evaluation = evaluated(&sale, Some(&terms));
        let found = match evaluation.outcome {
            Outcome::Rewards(rewards) => Some(rewards[0].pending_review),
            _ => None,
        };
        assert_eq!((found, evaluation.is_qualified), (pending, qualified), "{self_referral}");
        // Without a version the first one's policy may reject; none of them lets anything be earned.
        sale.self_referral_without_terms = self_referral;
        let rejects = self_referral == SelfReferral::Reject;
        let reason = if rejects { NonRewardReason::SelfReferral } else { NonRewardReason::NoTerms };
        assert_eq!(said(&sale, None), Err(reason));
    }
}

#[test]
fn what_looks_wrong_waits_for_a_person_with_the_evidence() {
    let other = TransactionId::from_uuid(Uuid::from_u128(9));
    let mut sale = with_sale(&facts(1_000, &[]), |sale| {
        sale.twin = Some(Twin { transaction: other, occurred_at: day(40) - TimeDelta::minutes(10) });
    });
    sale.customer.since = day(29);
    let policies =
        [(None, false, 0), (Some(9), false, 0), (Some(10), false, 1), (None, true, 1), (Some(60), true, 2)];
    for (duplicate_sale_minutes, existing_customer_review, reviews) in policies {
        let base = terms(json!([{"value": percent("30")}]));
        let terms = TermsInForce { duplicate_sale_minutes, existing_customer_review, ..base };
        let evaluation = evaluated(&sale, Some(&terms));
        assert_eq!(evaluation.trace.reviews.len(), reviews);
        // It counts all the same: only a self-referred event does not.
        assert!(evaluation.is_qualified);
        let Outcome::Rewards(rewards) = evaluation.outcome else { panic!("no reward") };
        assert_eq!(rewards[0].pending_review, reviews > 0);
    }
    let asked =
        terms(json!([{"value": percent("30"), "review": true}, {"value": percent("1"), "stacking": "ADD"}]));
    let Outcome::Rewards(rewards) = evaluated(&sale, Some(&asked)).outcome else { panic!("no reward") };
    assert_eq!(rewards.iter().map(|reward| reward.pending_review).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_budget_is_given_to_the_cent_and_no_further() {
    let rules = terms(json!([{"value": percent("30")}, {"value": percent("10"), "stacking": "ADD"}]));
    let left = |budget_left| said(&Facts { budget_left, ..facts(1_000, &[]) }, Some(&rules));
    let both = |one: i64, other: i64| Ok(vec![("r0".to_owned(), one), ("r1".to_owned(), other)]);
    assert_eq!(left(None), both(300, 100));
    assert_eq!(left(Some(400)), both(300, 100));
    assert_eq!(left(Some(350)), both(300, 50));
    assert_eq!(left(Some(300)), Ok(vec![("r0".to_owned(), 300)]));
    assert_eq!(left(Some(0)), Err(NonRewardReason::BudgetSpent));
    assert_eq!(left(Some(-5)), Err(NonRewardReason::BudgetSpent));
    let trace = evaluated(&Facts { budget_left: Some(0), ..facts(1_000, &[]) }, Some(&rules)).trace;
    let told = |view| explain(&trace, view).join(" ").contains("budget");
    assert_eq!([View::Owner, View::Beneficiary].map(told), [true, false]);
}

#[test]
fn in_the_sale_s_currency_no_rate_is_needed_but_for_revenue() {
    let sale = with_sale(&facts(1_000, &[]), |sale| (sale.currency, sale.rate) = (Currency::EUR, None));
    let base = terms(json!([{"value": percent("30")}]));
    let terms_of = |reward_currency| TermsInForce { reward_currency, ..base.clone() };
    assert_eq!(said(&sale, Some(&terms_of(RewardCurrency::Program))), Err(NonRewardReason::RateMissing));
    let Outcome::Rewards(rewards) = evaluated(&sale, Some(&terms_of(RewardCurrency::Sale))).outcome else {
        panic!()
    };
    assert_eq!((rewards[0].amount, rewards[0].currency), (300, Currency::EUR));
    let steps = json!([{"from": "100", "value": percent("40")}]);
    let by_revenue = terms(json!([{"value": percent("30"), "tiers": {"metric": "REVENUE", "steps": steps}}]));
    let by_revenue = TermsInForce { reward_currency: RewardCurrency::Sale, ..by_revenue };
    assert_eq!(said(&sale, Some(&by_revenue)), Err(NonRewardReason::RateMissing));
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
    let evaluation = evaluated(&facts(1_000, &[]), Some(&rules));
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
    let gross = with_sale(&facts(10_000, &[]), |sale| sale.gross = 12_100);
    let ten = terms(json!([{"value": percent("10"), "base": "GROSS"}]));
    assert_eq!(said(&gross, Some(&ten)), Ok(vec![("r0".to_owned(), 1_210)]));
}

#[test]
fn one_minor_unit_is_worth_the_rate_and_the_fineness_of_both() {
    let thirty = terms(json!([{"value": percent("30")}]));
    let in_money = |currency, rate: &str, net| {
        let rate = RateFacts { rate: rate.parse().unwrap(), at: Some(day(40)) };
        with_sale(&facts(net, &[]), |sale| (sale.currency, sale.rate) = (currency, Some(rate)))
    };
    let yen = in_money(Currency::JPY, "0.0065", 1_000);
    assert_eq!(said(&yen, Some(&thirty)), Ok(vec![("r0".to_owned(), 195)])); // 1000 yen, 6.50 USD, 1.95 USD
    let dinar = in_money(Currency::KWD, "3.25", 1_234);
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
    let counters = StoredCounters::default();
    assert_eq!(evaluate(&facts(i64::MAX, &[]), Some(&ten_times), &counters), Err(AmountOutOfRange));
    let mut late = facts(1_000, &[]);
    late.occurred_at = DateTime::<Utc>::MAX_UTC;
    assert_eq!(evaluate(&late, Some(&ten_times), &counters), Err(AmountOutOfRange));
}

#[test]
fn the_trace_in_words() {
    let rules = terms(json!([{"value": percent("30")}, {"value": percent("10")}]));
    let evaluation = evaluated(&facts(9_999, &[]), Some(&rules));
    let expected = [
        "Sale on 2026-02-10 00:00:00 UTC of 99.99 USD net (99.99 USD gross), number 1 of a customer who was attributed on \
         2026-01-31 00:00:00 UTC.",
        "Terms version 1: amounts are rounded HALF_EVEN, rewards are held for 30 days.",
        "Rule r0, 30 % of the net of the sale: 1 line of net 99.99 USD, exactly 29.997 USD, rounded to 30.00 USD.",
        "Rule r1, 10 % of the net of the sale: does not apply, earlier rules took every line.",
        "Held until 2026-03-12 00:00:00 UTC.",
    ];
    assert_eq!(explain(&evaluation.trace, View::Owner), expected);
}

#[test]
fn the_trace_of_a_closed_gate_in_words() {
    let mut sale = facts(9_999, &[]);
    sale.attribution = None;
    let expected = [
        "Sale on 2026-02-10 00:00:00 UTC of 99.99 USD net (99.99 USD gross), number 1 of a customer who is attributed to nobody.",
        "No reward. The customer did not come through a partner.",
    ];
    assert_eq!(explain(&evaluated(&sale, None).trace, View::Owner), expected);
}

/// A milestone is reached by what was counted, not by a sign-up; what the budget took of it is the owner's business.
#[test]
fn a_milestone_in_words() {
    let rules = terms(json!([{"value": percent("30")}]));
    let Trace { event, currency, terms, mut rules, .. } = evaluated(&facts(9_999, &[]), Some(&rules)).trace;
    let (reached, step) = (Ratio::from(12), "10".parse().unwrap());
    let step = StepTrace { metric: Metric::Sales, reached, step, amount: 3_000, without_budget: Some(5_000) };
    rules[0].verdict = Verdict::StepReached(step);
    let trace = Trace {
        event: EventTrace { sale: None, ..event },
        currency,
        terms,
        reviews: vec![],
        rules,
        reason: None,
    };
    let reached = "Reached on 2026-02-10 00:00:00 UTC by what counts of a customer who was attributed on 2026-01-31 00:00:00 UTC.";
    let given =
        |gives| format!("Rule r0, a milestone of SALES: 12 reached the step 10, which gives {gives}.");
    for (view, gives) in
        [(View::Owner, "50.00 USD, of which the budget leaves 30.00 USD"), (View::Beneficiary, "30.00 USD")]
    {
        let said = explain(&trace, view);
        assert_eq!((said[0].as_str(), said[2].clone()), (reached, given(gives)));
    }
}

/// Who stands above, and what of them, is told to the owner alone.
#[test]
fn who_stands_above_is_not_told() {
    let rules = terms(json!([{"beneficiary": "UPLINE", "level": 1, "value": percent("5")}]));
    let partner = PartnerId::from_uuid(Uuid::from_u128(7));
    let above = |approved, self_referred| vec![UplineFacts { partner, approved, self_referred }];
    for (uplines, told) in [
        (above(true, true), "the partner above is the customer"),
        (above(false, false), "the partner above was not approved"),
        (vec![], "nobody is so many steps above the partner"),
    ] {
        let mut sale = facts(9_999, &[]);
        sale.attribution.as_mut().unwrap().uplines = uplines;
        let trace = evaluated(&sale, Some(&rules)).trace;
        let why = |view| explain(&trace, view)[2].split("does not apply, ").nth(1).unwrap().to_owned();
        assert_eq!(why(View::Owner), format!("{told}."));
        assert_eq!(why(View::Beneficiary), "nobody above the partner can get it.");
    }
}

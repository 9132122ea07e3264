//! Random valid rules, for property tests.

use chrono::{DateTime, Utc};
use money::Threshold;
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;

use super::{
    condition::{Condition, Operand},
    duration::Duration,
    forms::FixedAmount,
    rule::Rule,
    tiers::{Caps, Milestone, PeriodCap, TierStep, Tiers},
    value::Value,
    vocabulary::{
        Base, Beneficiary, ConditionField, ConditionOp, DurationStart, Metric, Of, Per, Period, Reversal,
        Stacking, Trigger,
    },
};

/// A rule of any trigger, with any of the fields that have meaning in it.
pub(crate) fn any_rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        6 => any_sale_rule(),
        2 => any_override(),
        2 => any_signup_rule(),
        2 => any_milestone(),
    ]
}

/// Up to six of these, with ids `r0`, `r1` and so on.
pub(crate) fn any_version() -> impl Strategy<Value = Vec<Rule>> {
    vec(any_rule(), 0..6).prop_map(numbered)
}

/// Up to six rules that only share the lines of a sale among the partner's rewards of money.
pub(crate) fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let money = any_value().prop_filter("money", |value| !matches!(value, Value::Units { .. }));
    let rule = (any_plain(Trigger::Sale, money), any::<bool>()).prop_map(|(mut rule, gross)| {
        let is_percent = matches!(rule.value, Value::Percent { .. });
        rule.base = if gross && is_percent { Base::Gross } else { Base::Net };
        rule
    });
    vec(rule, 0..6).prop_map(numbered)
}

fn numbered(mut rules: Vec<Rule>) -> Vec<Rule> {
    for (index, rule) in rules.iter_mut().enumerate() {
        rule.id = format!("r{index}").parse().unwrap();
    }
    rules
}

/// What every rule has, and of sales as little as can be said.
fn any_plain(trigger: Trigger, value: impl Strategy<Value = Value>) -> impl Strategy<Value = Rule> {
    let stacking = select(Stacking::ALL);
    let common = (value, stacking, -3..3_i32, any::<bool>(), select(Reversal::ALL));
    common.prop_map(move |(value, stacking, priority, review, reversal)| Rule {
        id: "any".parse().unwrap(),
        trigger,
        beneficiary: Beneficiary::Partner,
        level: 0,
        priority,
        stacking,
        value,
        base: Base::Net,
        of: Of::Base,
        duration: Duration::default(),
        start_after: 0,
        end_after: None,
        conditions: Vec::new(),
        tiers: None,
        caps: Caps::default(),
        reversal,
        milestone: None,
        review,
    })
}

fn any_sale_rule() -> impl Strategy<Value = Rule> {
    let timing = (any_duration(), 0..3_u32, option::of(1..5_u32));
    let fields = (any_whose(), timing, vec(any_condition(ConditionField::ALL), 0..4), any_caps());
    let tiers = option::of(any_tiers(Metric::ALL, || any_value().boxed()));
    (any_plain(Trigger::Sale, any_value()), fields, tiers, any::<bool>()).prop_map(
        |(mut rule, (whose, (duration, start, lasting), conditions, caps), tiers, gross)| {
            (rule.beneficiary, rule.level) = whose;
            (rule.duration, rule.start_after) = (duration, start);
            rule.end_after = lasting.map(|lasting| start + lasting);
            (rule.conditions, rule.caps, rule.tiers) = (conditions, caps, tiers);
            let mut values = rule.tiers.iter().flat_map(|tiers| &tiers.steps).map(|step| &step.value);
            let is_percent = |value: &Value| matches!(value, Value::Percent { .. });
            if gross && (is_percent(&rule.value) || values.any(is_percent)) {
                rule.base = Base::Gross;
            }
            rule
        },
    )
}

/// A percentage of what the partner gets, for somebody above.
fn any_override() -> impl Strategy<Value = Rule> {
    let tiers = option::of(any_tiers(Metric::ALL, || any_percent().boxed()));
    let of_event: Vec<_> = ConditionField::ALL.iter().copied().filter(|field| !field.is_of_line()).collect();
    let conditions = vec(any_condition(of_event), 0..3);
    let fields = (any_plain(Trigger::Sale, any_percent()), 1..=5_u8, any_duration());
    (fields, conditions, tiers, any_caps()).prop_map(
        |((mut rule, level, duration), conditions, tiers, caps)| {
            (rule.beneficiary, rule.level, rule.of) = (Beneficiary::Upline, level, Of::Reward);
            rule.reversal = Reversal::Proportional;
            (rule.duration, rule.conditions, rule.tiers, rule.caps) = (duration, conditions, tiers, caps);
            rule
        },
    )
}

fn any_signup_rule() -> impl Strategy<Value = Rule> {
    let of_people: Vec<_> = ConditionField::ALL.iter().copied().filter(|field| !field.is_of_sale()).collect();
    let metrics = [Metric::Signups, Metric::Sales, Metric::Customers, Metric::Revenue];
    let tiers = option::of(any_tiers(metrics.to_vec(), || any_amount().boxed()));
    let fields = (any_whose(), vec(any_condition(of_people), 0..3), tiers, any_caps());
    (any_plain(Trigger::Signup, any_amount()), fields).prop_map(
        |(mut rule, (whose, conditions, tiers, caps))| {
            (rule.beneficiary, rule.level) = whose;
            (rule.conditions, rule.tiers, rule.caps) = (conditions, tiers, caps);
            rule
        },
    )
}

fn any_milestone() -> impl Strategy<Value = Rule> {
    let metric = select(vec![Metric::Signups, Metric::Sales, Metric::Customers, Metric::Revenue]);
    let every = (1..5000_i64).prop_map(|number| (None, Some(threshold(Decimal::from(number)))));
    let steps = prop_oneof![every, any_thresholds().prop_map(|at| (Some(at), None))];
    (any_plain(Trigger::Milestone, any_amount()), metric, steps).prop_map(
        |(mut rule, metric, (at, every))| {
            rule.milestone = Some(Milestone { metric, at, every });
            rule
        },
    )
}

fn any_whose() -> impl Strategy<Value = (Beneficiary, u8)> {
    let level = (1..=5_u8).prop_map(|level| (Beneficiary::Upline, level));
    prop_oneof![3 => Just((Beneficiary::Partner, 0)), 1 => Just((Beneficiary::Referred, 0)), 1 => level]
}

fn any_value() -> impl Strategy<Value = Value> {
    let per = || option::of(Just(Per::Unit));
    let fixed = (any_money(), per()).prop_map(|(amount, per)| Value::Fixed { amount, per });
    let units = (any_units(), per()).prop_map(|(value, per)| match value {
        Value::Units { unit, amount, .. } => Value::Units { unit, amount, per },
        other => other,
    });
    prop_oneof![2 => any_percent(), 1 => fixed, 1 => units]
}

/// What can be given without a sale.
fn any_amount() -> impl Strategy<Value = Value> {
    prop_oneof![any_money().prop_map(|amount| Value::Fixed { amount, per: None }), any_units()]
}

fn any_percent() -> impl Strategy<Value = Value> {
    (0_i64..=1_000_000).prop_map(|mantissa| Value::Percent {
        percent: Decimal::new(mantissa, 4).to_string().parse().unwrap(),
    })
}

fn any_units() -> impl Strategy<Value = Value> {
    (select(vec!["points", "months"]), 0..1000_i64).prop_map(|(unit, amount)| Value::Units {
        unit: unit.parse().unwrap(),
        amount: amount.to_string().parse().unwrap(),
        per: None,
    })
}

fn any_money() -> impl Strategy<Value = FixedAmount> {
    (0_i64..=1_000_000).prop_map(|mantissa| Decimal::new(mantissa, 3).to_string().parse().unwrap())
}

fn any_duration() -> impl Strategy<Value = Duration> {
    (select(DurationStart::ALL), 0..5_usize, 1..=100_u32).prop_map(|(from, kind, n)| match kind {
        0 => Duration::Lifetime { from },
        1 => Duration::Count { n, from },
        2 => Duration::Days { n, from },
        3 => Duration::Months { n, from },
        _ => Duration::Years { n, from },
    })
}

fn any_condition(
    fields: impl Into<std::borrow::Cow<'static, [ConditionField]>>,
) -> impl Strategy<Value = Condition> {
    let texts = vec("[a-z\"ü]([a-zA-Z \"0-9ü]{0,4}[A-Z0-9])?", 1..4);
    let kind = select(vec!["FIRST", "RECURRING"]).prop_map(|kind| vec![kind.to_owned()]);
    let operands = (texts, kind, 0..100_000_i64, 0..4_000_000_000_i64);
    (select(fields), any::<bool>(), operands).prop_map(|(field, first, (texts, kind, cents, seconds))| {
        let op = |words: [ConditionOp; 2]| words[usize::from(first)];
        let ordered = op([ConditionOp::Gte, ConditionOp::Lt]);
        let listed = op([ConditionOp::In, ConditionOp::NotIn]);
        let at: DateTime<Utc> = DateTime::from_timestamp(seconds, 0).unwrap();
        let (op, operand) = match field {
            ConditionField::SaleAmount => (ordered, Operand::Amount(threshold(Decimal::new(cents, 2)))),
            ConditionField::SaleAt => (ordered, Operand::Time(at)),
            ConditionField::SaleKind => (ConditionOp::In, Operand::List(kind)),
            ConditionField::SaleCurrency => (listed, Operand::List(vec!["EUR".to_owned(), "JPY".to_owned()])),
            ConditionField::CustomerCountry => {
                (listed, Operand::List(vec!["DE".to_owned(), "AT".to_owned()]))
            }
            _ => (listed, Operand::List(texts)),
        };
        Condition { field, op, operand }
    })
}

fn any_tiers(
    metrics: impl Into<std::borrow::Cow<'static, [Metric]>>,
    value: impl Fn() -> BoxedStrategy<Value>,
) -> impl Strategy<Value = Tiers> {
    let period = select(vec![Period::All, Period::Week, Period::Month, Period::Year]);
    (select(metrics), period, any_thresholds(), vec(value(), 5)).prop_map(|(metric, period, from, values)| {
        let period = if metric == Metric::SaleAmount { Period::All } else { period };
        let steps = from.into_iter().zip(values).map(|(from, value)| TierStep { from, value }).collect();
        Tiers { metric, period, steps }
    })
}

fn any_caps() -> impl Strategy<Value = Caps> {
    let per_partner =
        (any_money(), select(Period::ALL)).prop_map(|(amount, period)| PeriodCap { amount, period });
    (option::of(any_money()), option::of(any_money()), option::of(per_partner)).prop_map(
        |(per_transaction, per_customer, per_partner)| Caps { per_transaction, per_customer, per_partner },
    )
}

/// One to five, rising.
fn any_thresholds() -> impl Strategy<Value = Vec<Threshold>> {
    proptest::collection::btree_set(0..100_000_i64, 1..=5)
        .prop_map(|cents| cents.into_iter().map(|cents| threshold(Decimal::new(cents, 1))).collect())
}

fn threshold(number: Decimal) -> Threshold {
    number.to_string().parse().unwrap()
}

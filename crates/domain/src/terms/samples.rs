//! Random valid rules, for property tests.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{
    duration::Duration,
    rule::Rule,
    tiers::Caps,
    value::Value,
    vocabulary::{Base, Beneficiary, Of, Per, Reversal, Stacking, Trigger},
};

/// A rule made of the words that exist.
pub(crate) fn any_rule() -> impl Strategy<Value = Rule> {
    let stacking = prop_oneof![Just(Stacking::Exclusive), Just(Stacking::Add)];
    (any_value(), stacking, -3..3_i32, any::<bool>()).prop_map(|(value, stacking, priority, gross)| Rule {
        id: "any".parse().unwrap(),
        trigger: Trigger::Sale,
        beneficiary: Beneficiary::Partner,
        priority,
        stacking,
        base: if gross && matches!(value, Value::Percent { .. }) { Base::Gross } else { Base::Net },
        value,
        duration: Duration::default(),
        level: 0,
        of: Of::Base,
        start_after: 0,
        end_after: None,
        conditions: Vec::new(),
        tiers: None,
        caps: Caps::default(),
        reversal: Reversal::Proportional,
        milestone: None,
        review: false,
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let percent = (0_i64..=1_000_000).prop_map(|mantissa| Value::Percent {
        percent: Decimal::new(mantissa, 4).to_string().parse().unwrap(),
    });
    let per = prop_oneof![Just(None), Just(Some(Per::Unit))];
    let fixed = (0_i64..=1_000_000, per).prop_map(|(mantissa, per)| Value::Fixed {
        amount: Decimal::new(mantissa, 3).to_string().parse().unwrap(),
        per,
    });
    prop_oneof![percent, fixed]
}

/// Up to six rules with ids `r0`, `r1` and so on.
pub(crate) fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    proptest::collection::vec(any_rule(), 0..6).prop_map(|mut rules| {
        for (index, rule) in rules.iter_mut().enumerate() {
            rule.id = format!("r{index}").parse().unwrap();
        }
        rules
    })
}

//! From JSON to rules that can be evaluated: everything that is wrong is said at once, with its path.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{
    duration::Duration,
    forms::{FixedAmount, RuleId},
    problem::{RuleFault, RuleProblem},
    read::Fields,
    rule::Rule,
    tiers::Caps,
    value::Value,
    vocabulary::{
        Base, DURATION_FIELDS, DurationStart, DurationType, LATER_DURATION_FIELDS, LATER_RULE_FIELDS,
        LATER_VALUE_FIELDS, Of, Per, RULE_FIELDS, Reversal, Stacking, VALUE_FIELDS, ValueType, Word,
    },
};

/// The most rules that a version may have.
pub const MOST_RULES: usize = 100;

const PERCENT_FORM: &str = "a decimal text from \"0\" to \"1000\"";

/// Reads a version's rules, a JSON list.
///
/// # Errors
/// Every problem there is; paths begin with `rules`.
pub fn parse_rules(json: &Json) -> Result<Vec<Rule>, Vec<RuleProblem>> {
    let path = vec!["rules".to_owned()];
    let problem = |fault| vec![RuleProblem { path: path.clone(), fault }];
    let Json::Array(list) = json else {
        return Err(problem(RuleFault::Malformed { expected: "a list" }));
    };
    if list.len() > MOST_RULES {
        return Err(problem(RuleFault::TooMany { limit: MOST_RULES }));
    }
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    let mut rules = Vec::with_capacity(list.len());
    for (index, json) in list.iter().enumerate() {
        let path = vec!["rules".to_owned(), index.to_string()];
        let id_path = [path.as_slice(), &["id".to_owned()]].concat();
        let Some(rule) = read_rule(json, path, &mut problems) else {
            continue;
        };
        if !ids.insert(rule.id.clone()) {
            let fault = RuleFault::DuplicateId { id: rule.id.to_string() };
            problems.push(RuleProblem { path: id_path, fault });
        }
        rules.push(rule);
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

fn read_rule(json: &Json, path: Vec<String>, problems: &mut Vec<RuleProblem>) -> Option<Rule> {
    let mut fields = Fields::open(json, path, (RULE_FIELDS, LATER_RULE_FIELDS), problems)?;
    // Each field is read before any is missed, so that all problems are noted.
    let id = fields.text("id", RuleId::FORM);
    let trigger = fields.word("trigger");
    let beneficiary = fields.word("beneficiary");
    let priority = fields.integer_or("priority", 0);
    let stacking = fields.word_or("stacking", Stacking::Exclusive);
    let value = read_value(&mut fields);
    let base = fields.word_or("base", Base::Net);
    let duration = read_duration(&mut fields);
    if matches!(value, Some(Value::Fixed { .. })) && base == Some(Base::Gross) {
        fields.note("base", RuleFault::Meaningless { beside: ValueType::Fixed.word() });
    }
    Some(Rule {
        id: id?,
        trigger: trigger?,
        beneficiary: beneficiary?,
        priority: priority?,
        stacking: stacking?,
        value: value?,
        base: base?,
        duration: duration?,
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

fn read_value(rule: &mut Fields<'_, '_>) -> Option<Value> {
    if !rule.has("value") {
        rule.note("value", RuleFault::Missing);
    }
    let mut fields = rule.inner("value", (VALUE_FIELDS, LATER_VALUE_FIELDS))?;
    let kind = fields.word::<ValueType>("type")?;
    let foreign: &[&str] = match kind {
        ValueType::Percent => &["amount", "per"],
        ValueType::Fixed | ValueType::Units => &["percent"],
    };
    for name in foreign {
        if fields.has(name) {
            fields.note(name, RuleFault::Meaningless { beside: kind.word() });
        }
    }
    match kind {
        ValueType::Percent => fields.text("percent", PERCENT_FORM).map(|percent| Value::Percent { percent }),
        ValueType::Units => None,
        ValueType::Fixed => {
            let amount = fields.text("amount", FixedAmount::FORM);
            let per = if fields.has("per") { fields.word("per").map(Some) } else { Some(None) };
            let per_unit = per == Some(Some(Per::Unit));
            if per_unit && amount.is_some_and(|amount: FixedAmount| !amount.fits_per_unit()) {
                fields.note("amount", RuleFault::Malformed { expected: FixedAmount::PER_UNIT_FORM });
            }
            Some(Value::Fixed { amount: amount?, per: per? })
        }
    }
}

fn read_duration(rule: &mut Fields<'_, '_>) -> Option<Duration> {
    if !rule.has("duration") {
        return Some(Duration::default());
    }
    let mut fields = rule.inner("duration", (DURATION_FIELDS, LATER_DURATION_FIELDS))?;
    let kind = fields.word::<DurationType>("type");
    let from = fields.word_or("from", DurationStart::Attribution);
    match kind? {
        DurationType::Lifetime => Some(Duration::Lifetime { from: from? }),
        DurationType::Count => fields
            .integer_or("n", 0)
            .map(|n| Duration::Count { n: n.unsigned_abs(), from: from.unwrap_or_default() }),
        _ => None,
    }
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;

//! Values that rise.

use super::{
    Beside,
    fields::{Fields, Member},
    value,
};
use crate::terms::{
    forms::THRESHOLD_FORM,
    problem::{RuleFault, RuleProblem},
    tiers::{TierStep, Tiers},
    vocabulary::{Metric, Period, Trigger, Word},
};
use money::Threshold;

const FIELDS: &[&str] = &["metric", "period", "steps"];
const STEP_FIELDS: &[&str] = &["from", "value"];
const STEPS_FORM: &str = "a list of 1 to 100 steps";

/// The tiers, if there are some. Milestones have none.
pub(super) fn read(rule: &mut Fields<'_, '_>, beside: Beside) -> Option<Option<Tiers>> {
    if !rule.has("tiers") {
        return Some(None);
    }
    if let Some(milestone) = beside.milestone() {
        rule.meaningless("tiers", milestone);
    }
    let mut fields = rule.inner("tiers", FIELDS)?;
    let metric: Option<Metric> = fields.word("metric");
    let of_sale = metric.filter(|metric| *metric == Metric::SaleAmount);
    if of_sale.is_some() && beside.trigger == Some(Trigger::Signup) {
        fields.meaningless("metric", Trigger::Signup.word());
    }
    let period = fields.word_or("period", Period::All);
    match period {
        Some(Period::Day) => {
            fields.note("period", RuleFault::Malformed { expected: "ALL, WEEK, MONTH or YEAR" });
        }
        Some(Period::Week | Period::Month | Period::Year) if of_sale.is_some() => {
            fields.meaningless("period", Metric::SaleAmount.word());
        }
        _ => {}
    }
    let read = |member: Member<'_>, problems: &mut Vec<RuleProblem>| step(member, beside, problems);
    let steps = fields.each("steps", (1..=100, STEPS_FORM), read)?;
    let from = steps.iter().map(|step| step.as_ref().map(|step| step.from));
    note_falling(&mut fields, &from.collect::<Vec<_>>(), |index| {
        vec!["steps".to_owned(), index, "from".to_owned()]
    });
    let steps = steps.into_iter().collect::<Option<_>>();
    Some(Some(Tiers { metric: metric?, period: period?, steps: steps? }))
}

fn step(member: Member<'_>, beside: Beside, problems: &mut Vec<RuleProblem>) -> Option<TierStep> {
    let mut fields = Fields::open(member, STEP_FIELDS, problems)?;
    let from = fields.text("from", THRESHOLD_FORM);
    let value = value::read(&mut fields, beside);
    Some(TierStep { from: from?, value: value? })
}

/// Notes each threshold that is not above the one before it; those that cannot be read are passed over.
pub(super) fn note_falling(
    fields: &mut Fields<'_, '_>,
    thresholds: &[Option<Threshold>],
    path: impl Fn(String) -> Vec<String>,
) {
    let mut before = None;
    for (index, threshold) in thresholds.iter().enumerate() {
        let Some(threshold) = *threshold else { continue };
        if before.is_some_and(|before| threshold <= before) {
            let path = path(index.to_string());
            let names: Vec<_> = path.iter().map(String::as_str).collect();
            fields.note_at(&names, RuleFault::Malformed { expected: "above the one before" });
        }
        before = Some(threshold);
    }
}

//! What must be reached.

use super::{
    Beside,
    fields::{Fields, Member, text_of},
    tiers::note_falling,
};
use crate::terms::{
    forms::THRESHOLD_FORM,
    problem::{RuleFault, RuleProblem},
    tiers::Milestone,
    vocabulary::{Metric, Trigger, Word},
};
use money::Threshold;

const FIELDS: &[&str] = &["metric", "at", "every"];
const AT_FORM: &str = "a list of 1 to 100 decimal texts";
/// Below it, one event could reach more steps than a program can pay in a life.
const EVERY_FORM: &str = "a decimal text from \"1\" to \"1000000000000\"";

/// What must be reached: there for MILESTONE, and only there.
pub(super) fn read(rule: &mut Fields<'_, '_>, beside: Beside) -> Option<Option<Milestone>> {
    let is_milestone = beside.milestone().is_some();
    if !rule.has("milestone") {
        if is_milestone {
            rule.note("milestone", RuleFault::Missing);
        }
        return Some(None);
    }
    if let Some(other) = beside.trigger.filter(|trigger| *trigger != Trigger::Milestone) {
        rule.meaningless("milestone", other.word());
    }
    let mut fields = rule.inner("milestone", FIELDS)?;
    let metric: Option<Metric> = fields.word("metric");
    if metric == Some(Metric::SaleAmount) {
        fields.meaningless("metric", Trigger::Milestone.word());
    }
    let at = if fields.has("at") { at(&mut fields).map(Some) } else { Some(None) };
    let every: Option<Option<Threshold>> = fields.optional_text("every", EVERY_FORM);
    if every.flatten().is_some_and(|every| every.to_decimal() < rust_decimal::Decimal::ONE) {
        fields.note("every", RuleFault::Malformed { expected: EVERY_FORM });
    }
    match (fields.has("at"), fields.has("every")) {
        (true, true) => fields.meaningless("every", "at"),
        (false, false) => fields.note("at", RuleFault::Missing),
        _ => {}
    }
    Some(Some(Milestone { metric: metric?, at: at?, every: every? }))
}

fn at(milestone: &mut Fields<'_, '_>) -> Option<Vec<Threshold>> {
    let read = |member: Member<'_>, problems: &mut Vec<RuleProblem>| {
        text_of::<Threshold>(member, THRESHOLD_FORM, problems)
    };
    let steps = milestone.each("at", (1..=100, AT_FORM), read)?;
    note_falling(milestone, &steps, |index| vec!["at".to_owned(), index]);
    steps.into_iter().collect()
}

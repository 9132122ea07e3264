//! One rule, field by field.

use super::{
    Beside, conditions,
    fields::{Fields, Member},
    limits, milestone, tiers, timing, value,
};
use crate::terms::{
    Rule, RuleId, RuleProblem,
    tiers::Tiers,
    value::Value,
    vocabulary::{Base, Beneficiary, Of, Reversal, Stacking, Trigger, Word},
};

const FIELDS: &[&str] = &[
    "id",
    "trigger",
    "beneficiary",
    "level",
    "priority",
    "stacking",
    "value",
    "base",
    "of",
    "duration",
    "startAfter",
    "endAfter",
    "conditions",
    "tiers",
    "caps",
    "reversal",
    "milestone",
    "review",
];

const LEVEL_FORM: &str = "a whole number from 1 to 5";

pub(super) fn read(member: Member<'_>, problems: &mut Vec<RuleProblem>) -> Option<Rule> {
    let mut fields = Fields::open(member, FIELDS, problems)?;
    // Each field is read before any is missed, so that all problems are noted.
    let id = fields.text("id", RuleId::FORM);
    let trigger = fields.word_or("trigger", Trigger::Sale);
    let beneficiary = fields.word_or("beneficiary", Beneficiary::Partner);
    let of = fields.word_or("of", Of::Base);
    let beside = Beside { trigger, beneficiary, of };
    whose(&mut fields, beside);
    let level = level(&mut fields, beneficiary);
    let priority = fields.integer_or("priority", 0);
    let stacking = fields.word_or("stacking", Stacking::Exclusive);
    let value = value::read(&mut fields, beside);
    let tiers = tiers::read(&mut fields, beside);
    let base = base(&mut fields, beside, (value.as_ref(), tiers.as_ref()));
    let timing = timing::read(&mut fields, beside);
    let conditions = conditions::read(&mut fields, beside);
    let caps = limits::read(&mut fields, beside);
    let reversal = reversal(&mut fields, beside);
    let milestone = milestone::read(&mut fields, beside);
    let review = fields.flag("review");
    let (duration, start_after, end_after) = timing?;
    Some(Rule {
        id: id?,
        trigger: trigger?,
        beneficiary: beneficiary?,
        level: level?,
        priority: priority?,
        stacking: stacking?,
        value: value?,
        base: base?,
        of: of?,
        duration,
        start_after,
        end_after,
        conditions: conditions?,
        tiers: tiers?,
        caps: caps?,
        reversal: reversal?,
        milestone: milestone?,
        review: review?,
    })
}

/// Milestones are the partner's own, and only uplines get of others' rewards, for sales.
fn whose(fields: &mut Fields<'_, '_>, beside: Beside) {
    if let Some(milestone) = beside.milestone()
        && beside.beneficiary.is_some_and(|whose| whose != Beneficiary::Partner)
    {
        fields.meaningless("beneficiary", milestone);
    }
    if beside.reward().is_some() {
        let other = beside.beneficiary.filter(|whose| *whose != Beneficiary::Upline).map(Word::word);
        if let Some(word) = other.or_else(|| beside.no_sale()) {
            fields.meaningless("of", word);
        }
    }
}

fn level(fields: &mut Fields<'_, '_>, beneficiary: Option<Beneficiary>) -> Option<u8> {
    match beneficiary {
        Some(Beneficiary::Upline) => {
            fields.count("level", (1..=5, LEVEL_FORM)).and_then(|level| level.try_into().ok())
        }
        Some(other) if fields.get("level").is_some_and(|level| level.as_u64() != Some(0)) => {
            fields.meaningless("level", other.word());
            None
        }
        _ => Some(0),
    }
}

/// Only a percentage of a sale has a base, also one that a step gives.
fn base(
    fields: &mut Fields<'_, '_>,
    beside: Beside,
    (value, tiers): (Option<&Value>, Option<&Option<Tiers>>),
) -> Option<Base> {
    let base = fields.word_or("base", Base::Net)?;
    if base == Base::Net {
        return Some(base);
    }
    let is_percent = |value: &Value| matches!(value, Value::Percent { .. });
    let steps = tiers.into_iter().flatten().flat_map(|tiers| &tiers.steps).map(|step| &step.value);
    let no_percentage = match value {
        // A step that cannot be read may be one.
        Some(value) if tiers.is_some() && !steps.chain([value]).any(is_percent) => Some(value.kind().word()),
        _ => None,
    };
    if let Some(word) = beside.no_sale().or_else(|| beside.reward()).or(no_percentage) {
        fields.meaningless("base", word);
    }
    Some(base)
}

/// What is given of rewards follows these.
fn reversal(fields: &mut Fields<'_, '_>, beside: Beside) -> Option<Reversal> {
    let reversal = fields.word_or("reversal", Reversal::Proportional)?;
    if let Some(reward) = beside.reward().filter(|_| reversal == Reversal::Whole) {
        fields.meaningless("reversal", reward);
    }
    Some(reversal)
}

//! What must hold.

use super::{
    Beside,
    fields::{Fields, Member},
};
use crate::terms::{
    condition::Condition,
    problem::{RuleFault, RuleProblem},
    vocabulary::{ConditionField, ConditionOp, Trigger, Word},
};

const FIELDS: &[&str] = &["field", "op", "value"];
const MOST: usize = 50;
const LIST_FORM: &str = "a list of at most 50 conditions";

/// The conditions. Milestones have none, sign-ups none of sales, and what is given of rewards none of lines.
pub(super) fn read(rule: &mut Fields<'_, '_>, beside: Beside) -> Option<Vec<Condition>> {
    if !rule.has("conditions") {
        return Some(Vec::new());
    }
    let read = |member: Member<'_>, problems: &mut Vec<RuleProblem>| condition(member, beside, problems);
    let conditions = rule.each("conditions", (0..=MOST, LIST_FORM), read)?;
    if let Some(milestone) = beside.milestone().filter(|_| !conditions.is_empty()) {
        rule.meaningless("conditions", milestone);
    }
    conditions.into_iter().collect()
}

fn condition(member: Member<'_>, beside: Beside, problems: &mut Vec<RuleProblem>) -> Option<Condition> {
    let mut fields = Fields::open(member, FIELDS, problems)?;
    let field: Option<ConditionField> = fields.word("field");
    let op: Option<ConditionOp> = fields.word("op");
    let field = field?;
    if let Some(word) = without(field, beside) {
        fields.meaningless("field", word);
    }
    let op = op.filter(|op| {
        let takes = field.takes(*op);
        if !takes {
            fields.meaningless("op", field.word());
        }
        takes
    });
    let operand = fields.get("value").and_then(|json| field.operand(json));
    if operand.is_none() {
        let fault = RuleFault::Operand { kind: field.operand_kind(), expected: field.operand_form() };
        fields.note("value", fault);
    }
    Some(Condition { field, op: op?, operand: operand? })
}

/// The word beside which the field has no meaning. That of milestones is said once, of all conditions.
fn without(field: ConditionField, beside: Beside) -> Option<&'static str> {
    match beside.trigger {
        Some(Trigger::Signup) if field.is_of_sale() => beside.no_sale(),
        _ if field.is_of_line() => beside.reward(),
        _ => None,
    }
}

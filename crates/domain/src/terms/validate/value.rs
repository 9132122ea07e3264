//! How much: the rule's value, and those of its steps.

use super::{Beside, fields::Fields};
use crate::terms::{
    forms::FixedAmount,
    problem::RuleFault,
    value::Value,
    vocabulary::{Per, ValueType, Word},
};

const FIELDS: &[&str] = &["type", "percent", "amount", "per", "unit"];
const PERCENT_FORM: &str = "a decimal text from \"0\" to \"1000\"";
const UNIT_FORM: &str = "4 to 30 lower-case letters";

/// The value in the field `value` of a rule or a step.
pub(super) fn read(of: &mut Fields<'_, '_>, beside: Beside) -> Option<Value> {
    if !of.has("value") {
        of.note("value", RuleFault::Missing);
    }
    let mut fields = of.inner("value", FIELDS)?;
    let kind = fields.word::<ValueType>("type")?;
    // Of rewards there are only percentages, of what is no sale there are none.
    let foreign_kind = match kind {
        ValueType::Percent => beside.no_sale(),
        ValueType::Fixed | ValueType::Units => beside.reward(),
    };
    if let Some(word) = foreign_kind {
        fields.meaningless("type", word);
    }
    let foreign: &[&str] = match kind {
        ValueType::Percent => &["amount", "per", "unit"],
        ValueType::Fixed => &["percent", "unit"],
        ValueType::Units => &["percent"],
    };
    for name in foreign {
        if fields.has(name) {
            fields.meaningless(name, kind.word());
        }
    }
    match kind {
        ValueType::Percent => fields.text("percent", PERCENT_FORM).map(|percent| Value::Percent { percent }),
        ValueType::Fixed => amount(&mut fields, beside).map(|(amount, per)| Value::Fixed { amount, per }),
        ValueType::Units => {
            let unit = fields.text("unit", UNIT_FORM);
            let amount = amount(&mut fields, beside);
            amount.zip(unit).map(|((amount, per), unit)| Value::Units { unit, amount, per })
        }
    }
}

fn amount(fields: &mut Fields<'_, '_>, beside: Beside) -> Option<(FixedAmount, Option<Per>)> {
    let amount: Option<FixedAmount> = fields.text("amount", FixedAmount::FORM);
    let per = if fields.has("per") { fields.word("per").map(Some) } else { Some(None) };
    if per == Some(Some(Per::Unit)) {
        if let Some(word) = beside.no_sale() {
            fields.meaningless("per", word);
        }
        if amount.is_some_and(|amount| !amount.fits_per_unit()) {
            fields.note("amount", RuleFault::Malformed { expected: FixedAmount::PER_UNIT_FORM });
        }
    }
    amount.zip(per)
}

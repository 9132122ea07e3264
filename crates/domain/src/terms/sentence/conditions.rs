//! Conditions in words.

use chrono::SecondsFormat;

use super::enumerated;
use crate::terms::{
    condition::{Condition, Operand},
    vocabulary::{ConditionField, ConditionOp},
};

/// ", only for lines whose .., if .. and .."; nothing without conditions.
pub(super) fn phrase(conditions: &[Condition]) -> String {
    let (of_lines, of_events): (Vec<_>, Vec<_>) =
        conditions.iter().partition(|condition| condition.field.is_of_line());
    let phrases = |conditions: Vec<&Condition>| conditions.into_iter().map(one).collect::<Vec<_>>();
    let mut phrase = String::new();
    if !of_lines.is_empty() {
        phrase += &format!(", only for lines {}", enumerated(&phrases(of_lines)));
    }
    if !of_events.is_empty() {
        phrase += &format!(", if {}", enumerated(&phrases(of_events)));
    }
    phrase
}

fn one(condition: &Condition) -> String {
    let is_in = condition.op == ConditionOp::In;
    match (&condition.operand, condition.field) {
        (Operand::List(texts), ConditionField::SaleKind) => kind(texts, is_in).to_owned(),
        (Operand::List(texts), ConditionField::PartnerTag) => tags("the partner", texts, is_in),
        (Operand::List(texts), ConditionField::CustomerTag) => tags("the customer", texts, is_in),
        (Operand::List(texts), field) => format!("{} {}", subject(field), among(texts, is_in)),
        (Operand::Amount(amount), _) => match condition.op {
            ConditionOp::Lt => format!("its net is below {amount} in the sale's currency"),
            _ => format!("its net is at least {amount} in the sale's currency"),
        },
        (Operand::Time(at), _) => {
            let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            match condition.op {
                ConditionOp::Lt => format!("it is before {at}"),
                _ => format!("it is not before {at}"),
            }
        }
    }
}

fn subject(field: ConditionField) -> &'static str {
    match field {
        ConditionField::PartnerTag => "the partner's tag is",
        ConditionField::PartnerGroup => "the partner's group is",
        ConditionField::CustomerTag => "the customer's tag is",
        ConditionField::CustomerCountry => "the customer's country is",
        ConditionField::SaleCurrency => "its currency is",
        ConditionField::SaleKind => "its kind is",
        ConditionField::SaleCoupon => "its coupon is",
        ConditionField::SaleAmount => "its net is",
        ConditionField::SaleAt => "its time is",
        ConditionField::LineProductId => "whose product is",
        ConditionField::LineProductType => "whose product type is",
    }
}

fn quoted(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}

/// One of a list, or none: what is missing is in no list.
fn among(texts: &[String], is_in: bool) -> String {
    let word = match (texts.len(), is_in) {
        (1, true) => "",
        (1, false) => "not ",
        (_, true) => "one of ",
        (_, false) => "none of ",
    };
    format!("{word}{}", quoted(texts))
}

fn tags(whose: &str, texts: &[String], is_in: bool) -> String {
    let word = match (texts.len(), is_in) {
        (1, true) => "has the tag",
        (1, false) => "has not the tag",
        (_, true) => "has one of the tags",
        (_, false) => "has none of the tags",
    };
    format!("{whose} {word} {}", quoted(texts))
}

fn kind(texts: &[String], is_in: bool) -> &'static str {
    let admits = |word: &str| texts.iter().any(|text| text == word) == is_in;
    match (admits("FIRST"), admits("RECURRING")) {
        (true, false) => "it is the customer's first sale",
        (false, true) => "it is a later sale of the customer",
        (true, true) => "it is any sale of the customer",
        (false, false) => "it is no sale of the customer",
    }
}

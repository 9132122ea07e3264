//! What must hold of an event for a rule to apply.

use chrono::{DateTime, Utc};
use money::{Currency, Threshold};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    forms::THRESHOLD_FORM,
    vocabulary::{ConditionField, ConditionOp},
};
use crate::text;

/// One condition; all of a rule must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Condition {
    /// What is looked at.
    pub field: ConditionField,
    /// How it is compared.
    pub op: ConditionOp,
    /// With what.
    pub operand: Operand,
}

/// What a field is compared with. Which kind belongs to which field and word is fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// Texts, for IN and NOT_IN; compared letter by letter.
    List(Vec<String>),
    /// Major units of the sale's currency, for `sale.amount`.
    Amount(Threshold),
    /// An instant, for `sale.at`.
    Time(DateTime<Utc>),
}

/// The kinds of operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperandKind {
    /// [`Operand::List`].
    List,
    /// [`Operand::Amount`].
    Amount,
    /// [`Operand::Time`].
    Time,
}

/// A condition as it is sent and stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    field: ConditionField,
    op: ConditionOp,
    value: Json,
}

impl ConditionField {
    /// Whether it is a property of a line, and not of the whole event.
    pub fn is_of_line(self) -> bool {
        matches!(self, Self::LineProductId | Self::LineProductType)
    }

    /// Whether only sales have it.
    pub fn is_of_sale(self) -> bool {
        self.is_of_line()
            || matches!(
                self,
                Self::SaleCurrency | Self::SaleKind | Self::SaleCoupon | Self::SaleAmount | Self::SaleAt
            )
    }

    /// Whether it may be compared so.
    pub fn takes(self, op: ConditionOp) -> bool {
        let is_ordered = matches!(self, Self::SaleAmount | Self::SaleAt);
        is_ordered == matches!(op, ConditionOp::Gte | ConditionOp::Lt)
    }

    /// What kind of operand it takes.
    pub fn operand_kind(self) -> OperandKind {
        match self {
            Self::SaleAmount => OperandKind::Amount,
            Self::SaleAt => OperandKind::Time,
            _ => OperandKind::List,
        }
    }

    /// What its operand must be, in words.
    pub(super) const fn operand_form(self) -> &'static str {
        match self {
            Self::SaleAmount => THRESHOLD_FORM,
            Self::SaleAt => "an instant such as \"2026-12-01T00:00:00Z\"",
            Self::SaleKind => "a list of FIRST and RECURRING",
            Self::SaleCurrency => "a list of 1 to 100 ISO 4217 codes such as \"EUR\"",
            Self::CustomerCountry => "a list of 1 to 100 ISO 3166-1 alpha-2 codes such as \"DE\"",
            _ => "a list of 1 to 100 texts of 1 to 255 characters",
        }
    }

    /// Reads the operand; nothing if it is not of the form in words.
    pub(super) fn operand(self, json: &Json) -> Option<Operand> {
        match self {
            Self::SaleAmount => json.as_str()?.parse().ok().map(Operand::Amount),
            Self::SaleAt => json.as_str()?.parse().ok().map(Operand::Time),
            _ => {
                let texts = json.as_array().filter(|texts| (1..=100).contains(&texts.len()))?;
                let texts = texts.iter().map(|json| self.text(json.as_str()?));
                texts.collect::<Option<_>>().map(Operand::List)
            }
        }
    }

    /// One text of a list, in the form in which what it is compared with is stored: else it would never match.
    fn text(self, said: &str) -> Option<String> {
        match self {
            Self::SaleKind => ["FIRST", "RECURRING"].contains(&said).then(|| said.to_owned()),
            Self::SaleCurrency => {
                Currency::parse(&said.trim().to_uppercase()).ok().map(|currency| currency.to_string())
            }
            Self::CustomerCountry => text::country(said).ok(),
            _ => text::line(said, 255).ok(),
        }
    }
}

impl TryFrom<Written> for Condition {
    type Error = String;

    fn try_from(Written { field, op, value }: Written) -> Result<Self, Self::Error> {
        if !field.takes(op) {
            return Err(format!("{field} cannot be compared by {op}"));
        }
        let operand = field.operand(&value).ok_or_else(|| format!("must be {}", field.operand_form()))?;
        Ok(Self { field, op, operand })
    }
}

impl From<Condition> for Written {
    fn from(Condition { field, op, operand }: Condition) -> Self {
        let value = match operand {
            Operand::List(texts) => texts.into(),
            Operand::Amount(amount) => amount.to_string().into(),
            Operand::Time(at) => at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into(),
        };
        Self { field, op, value }
    }
}

//! How an evaluation came to its result. Stored with a non-reward as a whole, with each reward as far as it is about the
//! reward's rule, and never changed.

use chrono::{DateTime, Utc};
use money::{Currency, Rate, Ratio, Rounding};
use serde::{Deserialize, Serialize};

use super::line_set::LineSet;
use crate::{
    rewards::NonRewardReason,
    terms::{Base, RuleId, Value},
};

/// Every step of one evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The sale that was looked at.
    pub sale: SaleTrace,
    /// The program's currency: that of all exact and rounded amounts.
    pub currency: Currency,
    /// The version of the terms, if one was in force.
    pub terms: Option<TermsTrace>,
    /// Whether the rewards wait for a review, because the sale is self-referred.
    pub under_review: bool,
    /// The rules in the order in which they were looked at; none if a gate closed. With a reward, its own rule alone.
    pub rules: Vec<RuleTrace>,
    /// Why nothing was earned, if nothing was.
    pub reason: Option<NonRewardReason>,
}

/// The sale's part of a trace. Amounts are in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaleTrace {
    /// The sale's own time.
    pub occurred_at: DateTime<Utc>,
    /// The sale's currency.
    pub currency: Currency,
    /// The gross.
    pub gross: i64,
    /// The net.
    pub net: i64,
    /// The rate to the program's currency.
    pub rate: Option<Rate>,
    /// When the customer was attributed, if they were.
    pub attributed_at: Option<DateTime<Utc>>,
}

/// The part of the terms version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsTrace {
    /// The version's number.
    pub number: i32,
    /// How each amount was rounded, once.
    pub rounding: Rounding,
    /// For how many days of 24 hours rewards are held.
    pub hold_days: i32,
    /// Until when: the sale's time and the hold.
    pub hold_until: DateTime<Utc>,
}

/// One rule's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleTrace {
    /// The rule.
    pub rule: RuleId,
    /// Its value.
    pub value: Value,
    /// What its percentage is taken of.
    pub base: Base,
    /// What became of it.
    pub verdict: Verdict,
}

/// Whether a rule applied, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// The sale is from before the customer's attribution.
    BeforeAttribution,
    /// Earlier exclusive rules took all lines.
    NoLinesLeft,
    /// It applied.
    Applied(Applied),
}

/// The arithmetic of a rule that applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// The lines that it saw.
    pub lines: LineSet,
    /// The sum of their nets, in minor units of the sale's currency.
    pub net: i64,
    /// The sum of their quantities.
    pub quantity: i64,
    /// The exact amount, in minor units of the program's currency.
    pub exact: Ratio,
    /// The amount after the one rounding, in minor units of the program's currency.
    pub amount: i64,
}

impl Trace {
    /// What is stored with a reward of this rule: what all rules share, and its own part. The rewards of one sale together
    /// are then not longer than its trace and so many heads.
    pub(in crate::rewards) fn of_rule(&self, rule: &RuleId) -> Self {
        Self {
            sale: self.sale.clone(),
            currency: self.currency,
            terms: self.terms.clone(),
            under_review: self.under_review,
            rules: self.rules.iter().filter(|looked_at| looked_at.rule == *rule).cloned().collect(),
            reason: self.reason,
        }
    }
}

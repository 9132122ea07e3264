//! How an evaluation came to its result. Stored with each reward and non-reward, and never changed.

use chrono::{DateTime, Utc};
use money::{Currency, Rate, Ratio, Rounding};
use serde::{Deserialize, Serialize};

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
    /// The rules in the order in which they were looked at; none if a gate closed.
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
    /// The lines that it saw, numbered from 0.
    pub lines: Vec<usize>,
    /// The sum of their nets, in minor units of the sale's currency.
    pub net: i64,
    /// The sum of their quantities.
    pub quantity: i64,
    /// The exact amount, in minor units of the program's currency.
    pub exact: Ratio,
    /// The amount after the one rounding, in minor units of the program's currency.
    pub amount: i64,
}

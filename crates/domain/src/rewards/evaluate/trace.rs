//! How an evaluation came to its result. Stored with a non-reward as a whole, with each reward as far as it is about the
//! reward's rule, and never changed.

use chrono::{DateTime, Utc};
use ids::{PartnerId, TransactionId};
use money::{Currency, Rate, Ratio, Rounding, Threshold};
use serde::{Deserialize, Serialize};

use super::{counters::Span, line_set::LineSet};
use crate::{
    rewards::NonRewardReason,
    terms::{Base, Beneficiary, Condition, Metric, Of, RuleId, Value},
};

/// Every step of one evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The event that was looked at.
    pub event: EventTrace,
    /// The program's currency.
    pub currency: Currency,
    /// The version of the terms, if one was in force.
    pub terms: Option<TermsTrace>,
    /// Why a person decides about all rewards of the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<ReviewReason>,
    /// The rules in the order in which they were looked at; none if a gate closed. With a reward, its own rule alone.
    pub rules: Vec<RuleTrace>,
    /// Why nothing was earned, if nothing was.
    pub reason: Option<NonRewardReason>,
}

/// The event's part of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventTrace {
    /// Its own time.
    pub occurred_at: DateTime<Utc>,
    /// The sale; absent of a sign-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<SaleTrace>,
    /// When the customer was attributed, if they were.
    pub attributed_at: Option<DateTime<Utc>>,
}

/// The sale's part. Amounts are in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaleTrace {
    /// The sale's currency.
    pub currency: Currency,
    /// The gross.
    pub gross: i64,
    /// The net.
    pub net: i64,
    /// The rate to the program's currency that counted.
    pub rate: Option<Rate>,
    /// 1 + the customer's earlier sales that counted.
    pub index: u32,
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
    /// Until when: the event's time and the hold.
    pub hold_until: DateTime<Utc>,
}

/// Why a person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum ReviewReason {
    /// The customer is the partner, by their addresses.
    SelfReferral,
    /// The customer is the partner above who would get it, by their addresses.
    UplineSelfReferral,
    /// A sale of the same gross and currency was recorded shortly before.
    DuplicateSale {
        /// Which.
        transaction: TransactionId,
        /// Its own time.
        occurred_at: DateTime<Utc>,
    },
    /// The customer was known before the partner brought them.
    ExistingCustomer {
        /// When they signed up.
        since: DateTime<Utc>,
    },
    /// A person rejected a reward of the same event, when it was another partner's.
    RejectedBefore,
    /// The rule asks for it.
    Rule,
}

/// One rule's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleTrace {
    /// The rule.
    pub rule: RuleId,
    /// Who would get it.
    pub beneficiary: Beneficiary,
    /// How many steps up; 0 is the attributed partner, or the customer.
    pub level: u8,
    /// Its value, before tiers.
    pub value: Value,
    /// What its percentage is taken of.
    pub base: Base,
    /// Whether it gives of the partner's own rewards.
    #[serde(default, skip_serializing_if = "Of::is_base")]
    pub of: Of,
    /// What became of it.
    pub verdict: Verdict,
}

/// Whether a rule applied, and why not.
#[expect(clippy::large_enum_variant, reason = "of the rules that are kept most applied")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Verdict {
    /// The sale is from before the start of the rule's duration.
    BeforeStart {
        /// The start.
        start: DateTime<Utc>,
    },
    /// The sale is from after its end.
    DurationEnded {
        /// The first instant after it.
        end: DateTime<Utc>,
    },
    /// The customer has bought too often.
    CountEnded {
        /// The sale's index.
        index: u32,
    },
    /// The customer has not bought often enough.
    NotStarted {
        /// The sale's index.
        index: u32,
    },
    /// The partner is suspended: customers alone get something.
    PartnerSuspended,
    /// No partner is so many steps above.
    NobodyThere,
    /// The partner above was not approved.
    UplineNotApproved {
        /// Who.
        partner: PartnerId,
    },
    /// The partner above is the customer.
    UplineIsCustomer {
        /// Who.
        partner: PartnerId,
    },
    /// A condition does not hold.
    ConditionFailed {
        /// The first such.
        condition: Condition,
    },
    /// No line satisfies the conditions about lines.
    NoLinesMatch,
    /// Earlier exclusive rules took all lines.
    NoLinesLeft,
    /// The partner got no money reward to give a share of.
    NoReward,
    /// It applied.
    Applied(Applied),
    /// A milestone's step was reached.
    StepReached(StepTrace),
}

/// A step that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepTrace {
    /// What was counted.
    pub metric: Metric,
    /// What there was, the event included: a number, or major units of the program's currency.
    pub reached: Ratio,
    /// The step.
    pub step: Threshold,
    /// What is given, in minor units.
    pub amount: i64,
    /// What the step would give if there were no budget, in minor units; absent if the budget took nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_budget: Option<i64>,
}

/// The arithmetic of a rule that applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// The lines that it saw; none of a sign-up or a share of rewards.
    pub lines: LineSet,
    /// The sum of their nets, in minor units of the sale's currency; of a share of rewards, their sum in minor units.
    pub net: i64,
    /// The sum of their quantities.
    pub quantity: i64,
    /// The tier that gave the value, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<TierTrace>,
    /// What it is counted in.
    pub currency: Currency,
    /// The exact amount, in minor units.
    pub exact: Ratio,
    /// The amount after the one rounding, in minor units.
    pub rounded: i64,
    /// What held it down, in the order in which it was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<CapTrace>,
    /// What is given, in minor units; 0 makes no reward.
    pub amount: i64,
    /// Why a person decides about this reward, beside what is so of the whole event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewReason>,
}

/// The step of the tiers that counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TierTrace {
    /// What was counted.
    pub metric: Metric,
    /// In which period.
    pub span: Span,
    /// What there was before the event.
    pub reached: Ratio,
    /// Where the step begins; absent below the first, where the rule's own value counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Threshold>,
    /// Its value.
    pub value: Value,
}

/// One cap. Amounts are in minor units of the reward's currency or unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CapTrace {
    /// Which.
    pub cap: CapKind,
    /// The most.
    pub limit: i64,
    /// What of it was given before.
    pub spent: i64,
    /// What it left of the amount.
    pub amount: i64,
}

/// What can hold an amount down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CapKind {
    /// For one event.
    PerTransaction,
    /// To one beneficiary for one customer.
    PerCustomer,
    /// To one beneficiary in one period.
    PerPartner,
    /// The program's budget.
    Budget,
}

impl RuleTrace {
    /// The arithmetic, if it applied.
    pub fn applied(&self) -> Option<&Applied> {
        match &self.verdict {
            Verdict::Applied(applied) => Some(applied),
            _ => None,
        }
    }

    /// The value that counted.
    pub fn value_that_counted(&self) -> &Value {
        self.applied().and_then(|applied| applied.tier.as_ref()).map_or(&self.value, |tier| &tier.value)
    }
}

impl Trace {
    /// What is stored with a reward of this rule: what all rules share, and its own part. The rewards of one event together
    /// are then not longer than its trace and so many heads.
    pub(in crate::rewards) fn of_rule(&self, rule: &RuleId) -> Self {
        Self {
            event: self.event.clone(),
            currency: self.currency,
            terms: self.terms.clone(),
            reviews: self.reviews.clone(),
            rules: self.rules.iter().filter(|looked_at| looked_at.rule == *rule).cloned().collect(),
            reason: self.reason,
        }
    }
}

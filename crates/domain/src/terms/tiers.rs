use money::Threshold;
use serde::{Deserialize, Serialize};

use super::{
    forms::FixedAmount,
    value::Value,
    vocabulary::{Metric, Period},
};

/// Values that rise with what a partner has brought: the highest step whose `from` is not above the metric gives its value
/// instead of the rule's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// What is counted, of the attributed partner, before the event.
    pub metric: Metric,
    /// Of which events: all, or those in the same period of the program's calendar as this one.
    #[serde(default, skip_serializing_if = "Period::is_all")]
    pub period: Period,
    /// The steps, `from` rising.
    pub steps: Vec<TierStep>,
}

/// One step of the tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierStep {
    /// From which metric on.
    pub from: Threshold,
    /// What is given then.
    pub value: Value,
}

/// When a MILESTONE rule pays: once for each step that the metric reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// What is counted, of the partner: SIGNUPS, SALES, CUSTOMERS or REVENUE.
    pub metric: Metric,
    /// The steps, rising; or else `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Vec<Threshold>>,
    /// A step at each multiple of this, above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Threshold>,
}

/// What a rule gives at most. Amounts are in major units of the reward's currency or unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Caps {
    /// For one event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_transaction: Option<FixedAmount>,
    /// To one beneficiary for one customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_customer: Option<FixedAmount>,
    /// To one beneficiary in one period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_partner: Option<PeriodCap>,
}

/// A cap that begins anew with each period of the program's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodCap {
    /// The most.
    pub amount: FixedAmount,
    /// The period that the event's own time lies in.
    #[serde(default)]
    pub period: Period,
}

impl Caps {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

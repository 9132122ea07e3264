//! A reward rule, field for field as it is sent, stored and evaluated.

use serde::{Deserialize, Serialize};

use super::{
    condition::Condition,
    duration::Duration,
    forms::RuleId,
    tiers::{Caps, Milestone, Tiers},
    value::Value,
    vocabulary::{Base, Beneficiary, Of, Reversal, Stacking, Trigger},
};

/// A rule of a terms version. A value of this type is valid: every field and word in it can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The same through all versions of the terms: caps and milestones are counted by it.
    pub id: RuleId,
    /// Which events it looks at.
    pub trigger: Trigger,
    /// Who gets the reward.
    pub beneficiary: Beneficiary,
    /// With UPLINE: how many steps up from the attributed partner, 1 to 5; else 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub level: u8,
    /// Higher ones are looked at first; equal ones in written order.
    #[serde(default)]
    pub priority: i32,
    /// How it shares the lines with other rules.
    #[serde(default)]
    pub stacking: Stacking,
    /// How much, where no tier gives another value.
    pub value: Value,
    /// What a percentage is taken of.
    #[serde(default)]
    pub base: Base,
    /// Whether it gives of the sale or of the partner's own rewards for it.
    #[serde(default, skip_serializing_if = "Of::is_base")]
    pub of: Of,
    /// For how long.
    #[serde(default)]
    pub duration: Duration,
    /// After how many of the customer's sales that count it begins.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub start_after: u32,
    /// With which of the customer's sales that count it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_after: Option<u32>,
    /// What must hold of the event, all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Values by what the partner has brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<Tiers>,
    /// What it gives at most.
    #[serde(default, skip_serializing_if = "Caps::is_empty")]
    pub caps: Caps,
    /// What a partial refund does to its rewards.
    #[serde(default, skip_serializing_if = "Reversal::is_proportional")]
    pub reversal: Reversal,
    /// With MILESTONE: what must be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// Whether a person decides about each of its rewards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub review: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_zero(level: &u8) -> bool {
    *level == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_none_yet(sales: &u32) -> bool {
    *sales == 0
}

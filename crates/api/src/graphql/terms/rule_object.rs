//! Rules as they are answered.

use async_graphql::SimpleObject;
use domain::terms::{Rule, TierStep, Tiers};
use money::Currency;
use rust_decimal::Decimal;

use super::{
    parts_object::{RewardCaps, RewardCondition, RewardDuration, RewardMilestone, RewardValue},
    words::{
        RewardBase, RewardBeneficiary, RewardMetric, RewardOf, RewardPeriod, RewardReversal, RewardStacking,
        RewardTrigger,
    },
};

/// A reward rule of a version. What was left out has its default.
#[derive(Clone, SimpleObject)]
pub struct RewardRule {
    /// The same through all versions.
    id: String,
    /// Which events it looks at.
    trigger: RewardTrigger,
    /// Who gets the reward.
    beneficiary: RewardBeneficiary,
    /// With UPLINE: how many steps above the attributed partner, 1 to 5; else null.
    level: Option<i32>,
    /// Higher ones are looked at first.
    priority: i32,
    /// How it shares the lines of a sale with other rules.
    stacking: RewardStacking,
    /// How much, below the tiers.
    value: RewardValue,
    /// What a percentage is taken of.
    base: RewardBase,
    /// Whether it gives of the sale or of the partner's own rewards for it.
    of: RewardOf,
    /// For how long.
    duration: RewardDuration,
    /// After how many of the customer's sales that count it begins.
    start_after: i32,
    /// With which of the customer's sales that count it ends; null when it does not.
    end_after: Option<i32>,
    /// What must hold of the event, all of it.
    conditions: Vec<RewardCondition>,
    /// Values that rise; null when there are none.
    tiers: Option<RewardTiers>,
    /// What it gives at most.
    caps: RewardCaps,
    /// What a partial refund does to its rewards.
    reversal: RewardReversal,
    /// With MILESTONE: what must be reached; else null.
    milestone: Option<RewardMilestone>,
    /// Whether each of its rewards waits for a person's approval.
    review: bool,
    /// The rule in words, all of it.
    sentence: String,
}

/// Values that rise: the highest step whose `from` is not above the metric gives its value instead of the rule's.
#[derive(Clone, SimpleObject)]
pub struct RewardTiers {
    /// What is counted, of the attributed partner, before the event.
    metric: RewardMetric,
    /// Of which events: all, or those in the same period as the event.
    period: RewardPeriod,
    /// The steps, `from` rising.
    steps: Vec<RewardTierStep>,
}

/// One step of tiers.
#[derive(Clone, SimpleObject)]
pub struct RewardTierStep {
    /// From which metric on: a number, or for REVENUE and SALE_AMOUNT major units of the program's currency.
    from: Decimal,
    /// What is given then.
    value: RewardValue,
}

impl RewardRule {
    pub(super) fn new(
        rule: &Rule,
        (currency, rewards_in): (Currency, domain::terms::RewardCurrency),
    ) -> Self {
        let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            id: rule.id.to_string(),
            trigger: rule.trigger.into(),
            beneficiary: rule.beneficiary.into(),
            level: (rule.level > 0).then_some(rule.level.into()),
            priority: rule.priority,
            stacking: rule.stacking.into(),
            value: RewardValue::of(&rule.value),
            base: rule.base.into(),
            of: rule.of.into(),
            duration: RewardDuration::of(rule.duration),
            start_after: count(rule.start_after),
            end_after: rule.end_after.map(count),
            conditions: rule.conditions.iter().map(RewardCondition::of).collect(),
            tiers: rule.tiers.as_ref().map(RewardTiers::of),
            caps: RewardCaps::of(&rule.caps),
            reversal: rule.reversal.into(),
            milestone: rule.milestone.as_ref().map(RewardMilestone::of),
            review: rule.review,
            sentence: rule.sentence(currency, rewards_in),
        }
    }
}

impl RewardTiers {
    fn of(tiers: &Tiers) -> Self {
        let step = |step: &TierStep| RewardTierStep {
            from: step.from.to_decimal(),
            value: RewardValue::of(&step.value),
        };
        Self {
            metric: tiers.metric.into(),
            period: tiers.period.into(),
            steps: tiers.steps.iter().map(step).collect(),
        }
    }
}

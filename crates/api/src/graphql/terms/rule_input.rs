//! Rules as integrators write them.

use async_graphql::InputObject;
use domain::terms as words;
use serde_json::{Value, json};

use super::{
    parts_input::{
        RewardCapsInput, RewardConditionInput, RewardDurationInput, RewardMilestoneInput, RewardTiersInput,
        RewardValueInput,
    },
    words::{RewardBase, RewardBeneficiary, RewardOf, RewardReversal, RewardStacking, RewardTrigger},
};

/// A reward rule. What has no meaning beside the rest is refused, never ignored; `terms.rules.sentence` says in words what
/// was understood. Examples of every structure are in `docs/rewards.md`.
///
/// 30 % of each sale of the customer's first year: `{ id: "year", trigger: SALE, value: { type: PERCENT, percent: "30" },
/// duration: { type: MONTHS, n: 12 } }`. 10 points for the friend: `{ id: "friend", trigger: SIGNUP, beneficiary: REFERRED,
/// value: { type: UNITS, unit: "points", amount: "10" } }`.
#[derive(InputObject)]
pub struct RewardRuleInput {
    /// Your name for the rule: 1 to 64 letters, digits, `-`, `_` or `.`, unique in the version. Keep it through all
    /// versions: caps and milestones count by it.
    id: String,
    /// Which events it looks at.
    trigger: RewardTrigger,
    /// Who gets the reward.
    #[graphql(default_with = "RewardBeneficiary::Partner")]
    beneficiary: RewardBeneficiary,
    /// With UPLINE, and only there: how many steps above the attributed partner, 1 to 5.
    level: Option<i32>,
    /// Rules are looked at by priority, higher ones first, then in written order.
    #[graphql(default)]
    priority: i32,
    /// How it shares the lines of a sale with other rules.
    #[graphql(default_with = "RewardStacking::Exclusive")]
    stacking: RewardStacking,
    /// How much. Where `tiers` reach a step, that step's value instead.
    value: RewardValueInput,
    /// What a percentage is taken of: NET when left out. GROSS has no meaning without a percentage in `value` or a step, nor
    /// with `of: REWARD`.
    base: Option<RewardBase>,
    /// Whether it gives of the sale, or as UPLINE of the partner's own rewards for it: BASE when left out.
    of: Option<RewardOf>,
    /// For how long, from the customer's attribution or first sale: for life when left out. Only for SALE.
    duration: Option<RewardDurationInput>,
    /// After how many of the customer's sales that count it begins, 0 to 10,000: 1 leaves out the first. 0 when left out.
    /// Only for SALE.
    start_after: Option<i32>,
    /// With which of the customer's sales that count it ends, 1 to 10,000 and above `startAfter`: 3 includes the third.
    /// Without end when left out. Only for SALE.
    end_after: Option<i32>,
    /// What must hold of the event, all of it; at most 50. Not for MILESTONE.
    conditions: Option<Vec<RewardConditionInput>>,
    /// Values that rise with what the partner has brought. Not for MILESTONE.
    tiers: Option<RewardTiersInput>,
    /// What it gives at most. Not for MILESTONE.
    caps: Option<RewardCapsInput>,
    /// What a partial refund does to its rewards: PROPORTIONAL when left out. Has no effect on sign-ups and milestones, and
    /// no meaning with `of: REWARD`.
    reversal: Option<RewardReversal>,
    /// With MILESTONE, and only there: what must be reached.
    milestone: Option<RewardMilestoneInput>,
    /// Whether each of its rewards waits for a person's approval.
    #[graphql(default)]
    review: bool,
}

impl RewardRuleInput {
    /// The rule as the domain reads it, field for field; nulls are fields that were left out.
    pub fn to_json(&self) -> Value {
        let conditions = self.conditions.as_ref();
        json!({
            "id": self.id,
            "trigger": words::Trigger::from(self.trigger),
            "beneficiary": words::Beneficiary::from(self.beneficiary),
            "level": self.level,
            "priority": self.priority,
            "stacking": words::Stacking::from(self.stacking),
            "value": self.value.to_json(),
            "base": self.base.map(words::Base::from),
            "of": self.of.map(words::Of::from),
            "duration": self.duration.as_ref().map(RewardDurationInput::to_json),
            "startAfter": self.start_after,
            "endAfter": self.end_after,
            "conditions": conditions.map(|list| list.iter().map(RewardConditionInput::to_json).collect::<Vec<_>>()),
            "tiers": self.tiers.as_ref().map(RewardTiersInput::to_json),
            "caps": self.caps.as_ref().map(RewardCapsInput::to_json),
            "reversal": self.reversal.map(words::Reversal::from),
            "milestone": self.milestone.as_ref().map(RewardMilestoneInput::to_json),
            "review": self.review,
        })
    }
}

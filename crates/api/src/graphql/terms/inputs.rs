use async_graphql::InputObject;
use domain::terms::DraftTerms;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::enums::{
    RewardBase, RewardBeneficiary, RewardPer, RewardStacking, RewardTrigger, RewardValueType, Rounding,
    SelfReferralPolicy,
};

/// What a version of the terms promises.
#[derive(InputObject)]
pub struct TermsInput {
    /// The rules, at most 100. They are looked at by priority, then in this order.
    rules: Vec<RewardRuleInput>,
    /// For how many days of 24 h a reward is held, 0 to 3,650, counted from the sale's own time.
    hold_days: i32,
    /// How amounts are rounded.
    #[graphql(default_with = "Rounding::HalfEven")]
    rounding: Rounding,
    /// What becomes of self-referred sales.
    #[graphql(default_with = "SelfReferralPolicy::Reject")]
    self_referral: SelfReferralPolicy,
    /// How old a stored exchange rate may be, in days, 0 to 3,650; no limit when left out.
    rate_max_age_days: Option<i32>,
}

/// A reward rule.
#[derive(InputObject)]
pub struct RewardRuleInput {
    /// Your name for the rule, the same through all versions: 1 to 64 letters, digits, `-`, `_` or `.`.
    id: String,
    /// Which events it looks at.
    trigger: RewardTrigger,
    /// Who gets the reward.
    #[graphql(default_with = "RewardBeneficiary::Partner")]
    beneficiary: RewardBeneficiary,
    /// Higher ones are looked at first.
    #[graphql(default)]
    priority: i32,
    /// How it shares the lines of a sale with other rules.
    #[graphql(default_with = "RewardStacking::Exclusive")]
    stacking: RewardStacking,
    /// How much.
    value: RewardValueInput,
    /// What a percentage is taken of; has no meaning with a fixed value.
    base: Option<RewardBase>,
}

/// How much a rule gives.
#[derive(InputObject)]
pub struct RewardValueInput {
    /// Which of the other fields count.
    #[graphql(name = "type")]
    kind: RewardValueType,
    /// With PERCENT: 0 to 1,000, exact.
    percent: Option<Decimal>,
    /// With FIXED: the amount in major units of the program's currency. What is finer than the minor unit is cut off.
    amount: Option<Decimal>,
    /// With FIXED: what the amount is paid for; once for the sale when left out.
    per: Option<RewardPer>,
}

impl RewardRuleInput {
    /// The rule as the domain reads it, field for field.
    fn to_json(&self) -> Value {
        let mut value = Map::new();
        value.insert("type".to_owned(), json!(domain::terms::ValueType::from(self.value.kind)));
        if let Some(percent) = self.value.percent {
            value.insert("percent".to_owned(), json!(percent.to_string()));
        }
        if let Some(amount) = self.value.amount {
            value.insert("amount".to_owned(), json!(amount.to_string()));
        }
        if let Some(per) = self.value.per {
            value.insert("per".to_owned(), json!(domain::terms::Per::from(per)));
        }
        let mut rule = json!({
            "id": self.id,
            "trigger": domain::terms::Trigger::from(self.trigger),
            "beneficiary": domain::terms::Beneficiary::from(self.beneficiary),
            "priority": self.priority,
            "stacking": domain::terms::Stacking::from(self.stacking),
            "value": value,
        });
        if let Some(base) = self.base {
            rule["base"] = json!(domain::terms::Base::from(base));
        }
        rule
    }
}

impl From<TermsInput> for DraftTerms {
    fn from(input: TermsInput) -> Self {
        Self {
            rules: input.rules.iter().map(RewardRuleInput::to_json).collect(),
            hold_days: input.hold_days,
            rounding: input.rounding.into(),
            self_referral: input.self_referral.into(),
            rate_max_age_days: input.rate_max_age_days,
        }
    }
}

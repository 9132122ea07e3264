use async_graphql::InputObject;
use domain::terms::DraftTerms;

use super::{
    enums::{Rounding, SelfReferralPolicy},
    rule_input::RewardRuleInput,
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

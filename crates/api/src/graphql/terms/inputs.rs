use async_graphql::InputObject;
use domain::terms::{DraftTerms, TermsFor};
use ids::{GroupId, PartnerId};

use super::{
    enums::{RewardCurrency, Rounding, SelfReferralPolicy},
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
    /// What the rewards of percentages are counted in.
    #[graphql(default_with = "RewardCurrency::Program")]
    reward_currency: RewardCurrency,
    /// Rewards for a sale wait for a review if the same customer bought for the same amount within so many minutes before:
    /// 1 to 43,200. Nothing is looked for when left out.
    duplicate_sale_minutes: Option<i32>,
    /// Whether rewards wait for a review if the customer was with the program before the partner brought them.
    #[graphql(default)]
    existing_customer_review: bool,
    /// Whether customers get what rules give to REFERRED also for sign-ups and sales that are recorded while their partner is
    /// suspended. The partner and those above get nothing of these, and they count for no tier and no milestone.
    #[graphql(default)]
    referred_while_suspended: bool,
}

/// Which versions of a program's terms a list shows; all when nothing is said.
#[derive(InputObject, Default)]
pub struct TermsFilter {
    /// The overrides for this group: `grp_...`
    group_id: Option<GroupId>,
    /// The overrides for this partner, `prt_...`; beats `groupId`.
    partner_id: Option<PartnerId>,
    /// Only overrides for groups and partners, or only what is for everybody.
    is_override: Option<bool>,
}

impl From<TermsFilter> for domain::terms::TermsFilter {
    fn from(filter: TermsFilter) -> Self {
        let group = filter.group_id.map(TermsFor::Group);
        let whose = filter.partner_id.map(TermsFor::Partner).or(group);
        Self { whose, is_override: filter.is_override }
    }
}

impl TermsInput {
    /// The draft for these.
    pub fn draft(self, whose: TermsFor) -> DraftTerms {
        DraftTerms {
            whose,
            rules: self.rules.iter().map(RewardRuleInput::to_json).collect(),
            hold_days: self.hold_days,
            rounding: self.rounding.into(),
            self_referral: self.self_referral.into(),
            rate_max_age_days: self.rate_max_age_days,
            reward_currency: self.reward_currency.into(),
            duplicate_sale_minutes: self.duplicate_sale_minutes,
            existing_customer_review: self.existing_customer_review,
            referred_while_suspended: self.referred_while_suspended,
        }
    }
}

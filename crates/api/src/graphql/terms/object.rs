use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use ids::TermsId;

use super::{
    InForceOf,
    diff::TermsDiff,
    enums::{RewardCurrency, Rounding, SelfReferralPolicy, TermsStatus},
    rule_object::RewardRule,
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    groups::Group,
    guard::{Needs, Permission, needs},
    partners::Partner,
    programs::Program,
};

/// A version of what a program promises. Immutable once published.
#[derive(Clone)]
pub struct Terms(pub domain::terms::Terms);

impl From<domain::terms::Terms> for Terms {
    fn from(terms: domain::terms::Terms) -> Self {
        Self(terms)
    }
}

/// A version of what a program promises. Immutable once published.
#[Object]
impl Terms {
    /// `trm_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// The group that it is an override for; null for none. Partners of the group are under it, unless they have terms of
    /// their own.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn group(&self, ctx: &Context<'_>) -> Result<Option<Group>, ApiError> {
        let Some(group_id) = self.0.group_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(group_id).await
    }

    /// The one partner whom it is an override for; null for none.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        let Some(partner_id) = self.0.partner_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(partner_id).await
    }

    /// Counted per program from 1, overrides included.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Result<TermsStatus, ApiError> {
        let Some(from) = self.0.effective_from else { return Ok(TermsStatus::Draft) };
        let in_force =
            Request::loader(ctx)?.load_one(InForceOf::now(ctx, self.0.program_id, self.0.whose())).await?;
        let follows = |other: Terms| (other.0.effective_from, other.0.number) > (Some(from), self.0.number);
        Ok(if in_force.is_some_and(follows) { TermsStatus::Superseded } else { TermsStatus::Published })
    }

    /// The rules, in written order.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<RewardRule>, ApiError> {
        let program: Option<Program> = Request::loader(ctx)?.load_one(self.0.program_id).await?;
        let currency = program.ok_or(ApiError::Internal)?.0.currency;
        let rules = self.0.rules().map_err(|error| {
            tracing::error!(%error, terms = %self.0.id, "stored rules cannot be read");
            ApiError::Internal
        })?;
        Ok(rules.iter().map(|rule| RewardRule::new(rule, (currency, self.0.reward_currency))).collect())
    }

    /// For how many days of 24 h a reward is held, counted from the sale's own time.
    async fn hold_days(&self) -> i32 {
        self.0.hold_days
    }

    /// How amounts are rounded, once.
    async fn rounding(&self) -> Rounding {
        self.0.rounding.into()
    }

    /// What becomes of self-referred sales.
    async fn self_referral(&self) -> SelfReferralPolicy {
        self.0.self_referral.into()
    }

    /// How old a stored exchange rate may be, in days; no limit when null.
    async fn rate_max_age_days(&self) -> Option<i32> {
        self.0.rate_max_age_days
    }

    /// What the rewards of percentages are counted in.
    async fn reward_currency(&self) -> RewardCurrency {
        self.0.reward_currency.into()
    }

    /// Within how many minutes a like sale of the same customer is held for review; null when none is looked for.
    async fn duplicate_sale_minutes(&self) -> Option<i32> {
        self.0.duplicate_sale_minutes
    }

    /// Whether rewards wait for a review if the customer was with the program before the partner brought them.
    async fn existing_customer_review(&self) -> bool {
        self.0.existing_customer_review
    }

    /// Whether customers get what rules give to REFERRED also for sign-ups and sales that are recorded while their partner is
    /// suspended. The partner and those above get nothing of these, and they count for no tier and no milestone.
    async fn referred_while_suspended(&self) -> bool {
        self.0.referred_while_suspended
    }

    /// What changes when this version takes the place of another one of the same program.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version to compare with, `trm_...`.")] against: TermsId,
    ) -> Result<Option<TermsDiff>, ApiError> {
        TermsDiff::between(ctx, against, self.0.id).await
    }

    /// From when it is in force, until the next version for the same is; null for a draft.
    async fn effective_from(&self) -> Option<DateTime<Utc>> {
        self.0.effective_from
    }

    /// When it was published; null for a draft.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }

    /// SHA-256 of what was published, in hexadecimal; null for a draft.
    async fn content_hash(&self) -> Option<String> {
        let hash = self.0.content_hash.as_ref()?;
        Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::terms::RewardCurrency;

use super::{
    InForceOf,
    enums::{Rounding, SelfReferralPolicy, TermsStatus},
    rule_object::RewardRule,
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
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

    /// Counted per program from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Result<TermsStatus, ApiError> {
        let Some(from) = self.0.effective_from else { return Ok(TermsStatus::Draft) };
        let in_force = Request::loader(ctx)?.load_one(InForceOf::now(ctx, self.0.program_id)).await?;
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
        Ok(rules.iter().map(|rule| RewardRule::new(rule, (currency, RewardCurrency::Program))).collect())
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

    /// From when it is in force, until the next version is; null for a draft.
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

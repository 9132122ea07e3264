use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::terms::TermsFor;

use super::enums::{AttributionModel, Grandfathering, LinkStyle, ProgramKind, ProgramStatus};
use crate::graphql::{
    context::Request,
    error::ApiError,
    groups::{Group, GroupsOf},
    guard::{Needs, Permission, needs},
    payout_policies::ProgramPayouts,
    scalars::{CurrencyCode, Money},
    stats::ProgramFigures,
    terms::{DraftOf, InForceOf, Terms},
};

/// What is offered to partners, in one currency and one time zone.
#[derive(Clone)]
pub struct Program(pub domain::programs::Program);

impl From<domain::programs::Program> for Program {
    fn from(program: domain::programs::Program) -> Self {
        Self(program)
    }
}

/// What is offered to partners, in one currency and one time zone.
#[Object]
impl Program {
    /// `prg_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Who brings customers, and when one counts.
    async fn kind(&self) -> ProgramKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> ProgramStatus {
        self.0.status.into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name in addresses, unique in the account.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The site that partners send visitors to.
    async fn website(&self) -> Option<&str> {
        self.0.website.as_deref()
    }

    /// What rewards are paid in.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.currency)
    }

    /// IANA time zone of the program's calendar.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// Which terms hold for customers who came under earlier ones.
    async fn grandfathering(&self) -> Grandfathering {
        self.0.grandfathering.into()
    }

    /// The query parameter of links.
    async fn link_parameter(&self) -> &str {
        &self.0.link_parameter
    }

    /// How links name their partner.
    async fn link_style(&self) -> LinkStyle {
        self.0.link_style.into()
    }

    /// Which of several clicks wins.
    async fn attribution_model(&self) -> AttributionModel {
        self.0.attribution_model.into()
    }

    /// How long a click counts, in days of 24 h.
    async fn attribution_window_days(&self) -> i32 {
        self.0.attribution_window_days
    }

    /// Whether applications are approved at once.
    async fn auto_approve(&self) -> bool {
        self.0.auto_approve
    }

    /// How old a sale may be when it is recorded, in days of 24 h.
    async fn late_sale_days(&self) -> i32 {
        self.0.late_sale_days
    }

    /// The most that its rewards may come to, units aside; null for no bound.
    async fn reward_budget(&self) -> Option<Money> {
        self.0.reward_budget.map(|budget| money::Money::new(budget, self.0.currency).into())
    }

    /// Its groups of partners, at most 100, by name.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn groups(&self, ctx: &Context<'_>) -> Result<Vec<Group>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(GroupsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// The version of the terms for everybody that is in force now for new customers; null before the first. Groups and
    /// partners may have overrides: `termsVersions`.
    async fn terms(&self, ctx: &Context<'_>) -> Result<Option<Terms>, ApiError> {
        Request::loader(ctx)?.load_one(InForceOf::now(ctx, self.0.id, TermsFor::Everybody)).await
    }

    /// The version for everybody that is not published yet; null if there is none.
    async fn terms_draft(&self, ctx: &Context<'_>) -> Result<Option<Terms>, ApiError> {
        Request::loader(ctx)?.load_one(DraftOf(self.0.id)).await
    }

    #[graphql(flatten)]
    async fn pay(&self) -> ProgramPayouts<'_> {
        ProgramPayouts(&self.0)
    }

    #[graphql(flatten)]
    async fn figures(&self) -> ProgramFigures<'_> {
        ProgramFigures(&self.0)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

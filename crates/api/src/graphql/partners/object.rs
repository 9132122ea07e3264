use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::{partners::PartnerProfile, team::Permission as P};

use super::enums::{PartnerAction, PartnerStatus};
use crate::graphql::{
    context::Request,
    customers::Customer,
    error::ApiError,
    groups::Group,
    guard::{Needs, Permission, needs},
    links::LinkConnection,
    payouts::PartnerPayouts,
    programs::Program,
    rewards::{Balance, BalancesOfPartner},
    stats::PartnerFigures,
    transactions::TransactionConnection,
};

/// A person's or company's membership in one program: through whom customers come.
#[derive(Clone)]
pub struct Partner(pub domain::partners::Partner);

impl From<domain::partners::Partner> for Partner {
    fn from(partner: domain::partners::Partner) -> Self {
        Self(partner)
    }
}

impl Partner {
    async fn profile(&self, ctx: &Context<'_>) -> Result<PartnerProfile, ApiError> {
        // A partner in reach has its profile in reach: none is a bug.
        Request::loader(ctx)?.load_one(self.0.profile_id).await?.ok_or(ApiError::Internal)
    }
}

/// A person's or company's membership in one program: through whom customers come.
#[Object]
impl Partner {
    /// `prt_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Its public name in links, in lower case; unique in the program.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// The program that it is a partner of.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// Where it stands.
    async fn status(&self) -> PartnerStatus {
        self.0.status.into()
    }

    /// Why it was rejected or suspended, in the words of who did it.
    async fn status_reason(&self) -> Option<&str> {
        self.0.status_reason.as_deref()
    }

    /// What the person or company is called.
    async fn name(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        Ok(self.profile(ctx).await?.name)
    }

    /// The address that they are written to.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(Some(self.profile(ctx).await?.email))
    }

    /// ISO 3166-1 alpha-2.
    async fn country(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.profile(ctx).await?.country)
    }

    /// The owner's labels, sorted.
    async fn tags(&self) -> &[String] {
        &self.0.tags
    }

    /// The group that it is in; null for none.
    async fn group(&self, ctx: &Context<'_>) -> Result<Option<Group>, ApiError> {
        let Some(group_id) = self.0.group_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(group_id).await
    }

    /// Who recruited it, a partner of the same program; null for nobody. Nobody has more than five uplines.
    async fn upline(&self, ctx: &Context<'_>) -> Result<Option<Self>, ApiError> {
        let Some(upline_id) = self.0.upline_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(upline_id).await
    }

    /// The customer who it is, in refer-a-friend; null for a partner who is none.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>, ApiError> {
        let Some(customer_id) = self.0.customer_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(customer_id).await
    }

    /// Its links, oldest first: the default one leads.
    async fn links(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<LinkConnection, ApiError> {
        LinkConnection::of_partner(ctx, self.0.id, first, after).await
    }

    /// Sales of its customers, the last recorded first, as they were attributed when they were evaluated.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<TransactionConnection, ApiError> {
        TransactionConnection::of_partner(ctx, self.0.id, first, after).await
    }

    #[graphql(flatten)]
    async fn figures(&self) -> PartnerFigures<'_> {
        PartnerFigures(&self.0)
    }

    #[graphql(flatten)]
    async fn pay(&self) -> PartnerPayouts<'_> {
        PartnerPayouts(&self.0)
    }

    /// What it has, per currency; empty until it has earned something.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn balances(&self, ctx: &Context<'_>) -> Result<Vec<Balance>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(BalancesOfPartner(self.0.id)).await?.unwrap_or_default())
    }

    /// What the viewer can do to its state now.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Vec<PartnerAction> {
        if !Request::of(ctx).viewer.permits(P::PartnersWrite) {
            return Vec::new();
        }
        let all = domain::partners::PartnerAction::ALL.iter();
        all.filter(|action| action.allowed_from(self.0.status)).map(|action| (*action).into()).collect()
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it, or the person behind it, was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, dataloader::Loader as BatchLoader};
use chrono::{DateTime, Utc};
use ids::CustomerId;

use super::enums::{AttributionSource, CustomerStatus};
use crate::graphql::{
    context::{Loader, Request},
    error::ApiError,
    guard::{Needs, Permission, needs},
    links::Link,
    partners::Partner,
    programs::Program,
    rewards::{Balance, BalancesOfCustomer, NonReward, Reward, SignupNonRewardsOf, SignupRewardsOf},
};

/// Somebody who buys, or may. Named by your key.
#[derive(Clone)]
pub struct Customer(pub domain::customers::Customer);

impl From<domain::customers::Customer> for Customer {
    fn from(customer: domain::customers::Customer) -> Self {
        Self(customer)
    }
}

/// The active attribution of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttributionOf(pub CustomerId);

impl BatchLoader<AttributionOf> for Loader {
    type Value = Attribution;
    type Error = ApiError;

    async fn load(&self, keys: &[AttributionOf]) -> Result<HashMap<AttributionOf, Attribution>, ApiError> {
        let ids: Vec<CustomerId> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.db.get().await?;
        let rows = domain::attribution::Attribution::active_of(&mut conn, &self.scope, &ids).await?;
        Ok(rows.into_iter().map(|row| (AttributionOf(row.customer_id), Attribution(row))).collect())
    }
}

/// The partner that a customer is, as a referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReferrerOf(pub CustomerId);

impl BatchLoader<ReferrerOf> for Loader {
    type Value = Partner;
    type Error = ApiError;

    async fn load(&self, keys: &[ReferrerOf]) -> Result<HashMap<ReferrerOf, Partner>, ApiError> {
        let ids: Vec<CustomerId> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.db.get().await?;
        let rows = domain::partners::Partner::of_customers(&mut conn, &self.scope, &ids).await?;
        Ok(rows.into_iter().filter_map(|row| Some((ReferrerOf(row.customer_id?), Partner(row)))).collect())
    }
}

/// Somebody who buys, or may. Named by your key.
#[Object]
impl Customer {
    /// `cus_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// Your name for the customer, unique in the program.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Personal data.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Personal data.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// ISO 3166-1 alpha-2.
    async fn country(&self) -> Option<&str> {
        self.0.country.as_deref()
    }

    /// Your own marks, sorted.
    async fn tags(&self) -> &[String] {
        &self.0.tags
    }

    /// Where it stands.
    async fn status(&self) -> CustomerStatus {
        self.0.status.into()
    }

    /// Whom it came through; null for an organic customer.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn attribution(&self, ctx: &Context<'_>) -> Result<Option<Attribution>, ApiError> {
        Request::loader(ctx)?.load_one(AttributionOf(self.0.id)).await
    }

    /// The referrer that it is, in refer-a-friend: a partner with a key, links and rewards of its own; null until it is enrolled.
    /// Who referred it is its `attribution`.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn referrer(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        Request::loader(ctx)?.load_one(ReferrerOf(self.0.id)).await
    }

    /// When it signed up.
    async fn signed_up_at(&self) -> DateTime<Utc> {
        self.0.signed_up_at
    }

    /// Since when it counts as a sign-up; null while a newsletter's subscriber has not confirmed.
    async fn confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.0.confirmed_at
    }

    /// What it was given and has, per currency and unit; empty until it was given something.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn balances(&self, ctx: &Context<'_>) -> Result<Vec<Balance>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(BalancesOfCustomer(self.0.id)).await?.unwrap_or_default())
    }

    /// What its sign-up earned, to whomever: also a milestone that it reached, and what was reversed since. Empty until it is
    /// evaluated, a moment after it was recorded or confirmed, and where no rule gave anything.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn signup_rewards(&self, ctx: &Context<'_>) -> Result<Vec<Reward>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(SignupRewardsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// Why no rule for sign-ups gives anything for it as it stands. Empty until it is evaluated, where one gives something, and where
    /// the terms have no such rule; a milestone may have been reached all the same.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn signup_non_rewards(&self, ctx: &Context<'_>) -> Result<Vec<NonReward>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(SignupNonRewardsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// When it was first seen.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// The decision that a customer came through a partner.
#[derive(Clone)]
pub struct Attribution(pub domain::attribution::Attribution);

/// The decision that a customer came through a partner.
#[Object]
impl Attribution {
    /// The partner.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.partner_id).await
    }

    /// The link, if it rests on one.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn link(&self, ctx: &Context<'_>) -> Result<Option<Link>, ApiError> {
        let Some(link_id) = self.0.link_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(link_id).await
    }

    /// What it rests on.
    async fn source(&self) -> AttributionSource {
        self.0.source.into()
    }

    /// The instant that terms count from.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Why this partner, in words.
    async fn explanation(&self) -> &'static str {
        self.0.sentence()
    }
}

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use crate::graphql::{
    context::Request,
    customers::Customer,
    error::ApiError,
    guard::{Needs, Permission, needs},
    partners::Partner,
    programs::Program,
    scalars::Money,
};

/// What a partner or a customer redeemed of what they had available. It never changes.
#[derive(Clone)]
pub struct Redemption(pub domain::redemptions::Redemption);

impl From<domain::redemptions::Redemption> for Redemption {
    fn from(redemption: domain::redemptions::Redemption) -> Self {
        Self(redemption)
    }
}

/// What a partner or a customer redeemed of what they had available. It never changes.
#[Object]
impl Redemption {
    /// `rdm_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Your name for it, unique in the program.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// The partner who redeemed; null where a customer did.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        let Some(id) = self.0.partner_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The customer who redeemed; null where a partner did.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>, ApiError> {
        let Some(id) = self.0.customer_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// How much, in its currency or unit.
    async fn amount(&self) -> Money {
        self.0.money(self.0.amount).into()
    }

    /// What it left available at that moment.
    async fn available_after(&self) -> Money {
        self.0.money(self.0.available_after).into()
    }

    /// What for.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

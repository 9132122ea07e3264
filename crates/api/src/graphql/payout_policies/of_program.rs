use async_graphql::{Context, Object};
use domain::page::{Page, PageArgs};

use super::{
    PayoutPolicy, PolicyOf, StoredPayoutPolicyConnection,
    loader::{StoredCountOf, StoredOf},
};
use crate::graphql::{connection, context::Request, error::ApiError};

/// How payouts of a program are made.
pub struct ProgramPayouts<'a>(pub &'a domain::programs::Program);

/// How payouts of a program are made.
#[Object]
impl ProgramPayouts<'_> {
    /// How payouts are made, unless its group or itself says something else of a partner: what the program says, and the default
    /// of the rest.
    async fn payout_policy(&self, ctx: &Context<'_>) -> Result<Option<PayoutPolicy>, ApiError> {
        PayoutPolicy::of(ctx, PolicyOf::Program(self.0.id)).await
    }

    /// What the program, its groups and its partners say of their own about payouts, the oldest first.
    async fn payout_policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<StoredPayoutPolicyConnection, ApiError> {
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let wanted = StoredOf { whose: self.0.id, after: page.after, most: page.limit() };
        let loader = Request::loader(ctx)?;
        let rows = loader.load_one(wanted).await?.unwrap_or_default();
        let total = match connection::wants_total(ctx) {
            true => Some(loader.load_one(StoredCountOf(self.0.id)).await?.unwrap_or(0)),
            false => None,
        };
        Ok(StoredPayoutPolicyConnection::of(Page::of(rows, &page), page.after.is_none(), total))
    }
}

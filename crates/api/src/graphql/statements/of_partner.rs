use async_graphql::{Context, Object};
use domain::page::{Page, PageArgs};

use super::{
    StatementConnection,
    loader::{StatementCountOf, StatementsOfPartner},
};
use crate::graphql::{
    connection,
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
};

/// What a partner was owed.
pub struct PartnerStatements<'a>(pub &'a domain::partners::Partner);

/// What a partner was owed.
#[Object]
impl PartnerStatements<'_> {
    /// Its statements, the last asked for first.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn statements(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<Option<StatementConnection>, ApiError> {
        let (loader, page) = (Request::loader(ctx)?, PageArgs::new(first.into(), connection::key(after)?));
        let wanted = StatementsOfPartner { whose: self.0.id, after: page.after, most: page.limit() };
        let rows = loader.load_one(wanted).await?.unwrap_or_default();
        let total = match connection::wants_total(ctx) {
            true => Some(loader.load_one(StatementCountOf(self.0.id)).await?.unwrap_or(0)),
            false => None,
        };
        Ok(Some(StatementConnection::of(Page::of(rows, &page), page.after.is_none(), total)))
    }
}

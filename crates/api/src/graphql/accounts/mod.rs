//! Accounts: the tenants.

mod object;

use async_graphql::{Context, Object};
pub use object::Account;

use super::{context::Request, error::ApiError};

/// What can be asked about accounts.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// The account that is asked about: the API key's, or the one in `X-Account-Id`, or your only one.
    async fn account(&self, ctx: &Context<'_>) -> Result<Account, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let found = domain::accounts::Account::of_scope(&mut conn, request.scope()?).await?;
        found.map(Account).ok_or(ApiError::AccountNotFound)
    }
}

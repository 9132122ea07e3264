//! Accounts: the tenants.

mod inputs;
mod object;
mod usage;

use async_graphql::{Context, Object};
use domain::{
    accounts::UpdateError,
    users::{CreateAccountError, MOST_ACCOUNTS, User},
};
pub use inputs::AccountInput;
pub use object::Account;
pub use usage::{UsageMeter, UsageMeterKey};

use super::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    payload::payload,
};
use crate::auth::Gate;

payload!(
    /// What a mutation of the account answers.
    AccountPayload {
        /// The account as it is now; null when nothing was done.
        account: Account
    }
);

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

/// What can be done with accounts.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Makes another account, which you own: name it in `X-Account-Id` to work in it. Users of an instance that takes strangers
    /// may do so, and its operators on any; at most 50.
    async fn account_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The account; its name must be given, the rest is dollars, UTC and English when left out."
        )]
        input: AccountInput,
    ) -> Result<AccountPayload, ApiError> {
        let request = Request::of(ctx);
        let user = request.viewer.user.ok_or(ApiError::Unauthenticated)?;
        if !Gate::of(ctx).registration.admits_strangers() && !request.viewer.operates {
            let sentence = "Only operators make accounts on this instance.";
            return AccountPayload::of(Err::<Account, _>(UserError::new(UserErrorCode::Forbidden, sentence)));
        }
        let mut conn = request.conn().await?;
        AccountPayload::of(User::create_account(&mut conn, user, &input.into(), &request.act).await)
    }

    /// Changes settings of the account that is asked about. Not for those who are limited to some of its programs.
    #[graphql(directive = needs::apply(Permission::TeamWrite), guard = "Needs(Permission::TeamWrite)")]
    async fn account_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: AccountInput,
    ) -> Result<AccountPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let (scope, changes) = (request.scope()?, input.into());
        AccountPayload::of(domain::accounts::Account::update(&mut conn, scope, &changes, &request.act).await)
    }
}

impl From<CreateAccountError> for Refusal {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateAccountError::TooMany => {
                let sentence = format!("You own {MOST_ACCOUNTS} accounts already.");
                UserError::new(UserErrorCode::LimitExceeded, sentence).into()
            }
            CreateAccountError::NotFound => Self::Api(ApiError::Unauthenticated),
            CreateAccountError::Database(error) => error.into(),
        }
    }
}

impl From<UpdateError> for Refusal {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::Limited => {
                let sentence = "You are limited to some programs of the account.";
                UserError::new(UserErrorCode::Forbidden, sentence).into()
            }
            UpdateError::NotFound => Self::Api(ApiError::AccountNotFound),
            UpdateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            UpdateError::Database(error) => error.into(),
        }
    }
}

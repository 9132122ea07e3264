use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::team::Membership;

use super::Role;
use crate::graphql::{
    accounts::Account,
    error::ApiError,
    guard::{Needs, Permission, needs},
    programs::{Program, in_reach},
    users::{User, UserLoader},
};

/// A user's place in an account.
#[derive(Clone)]
pub struct Member(pub Membership);

impl From<Membership> for Member {
    fn from(membership: Membership) -> Self {
        Self(membership)
    }
}

/// A user's place in an account.
#[Object]
impl Member {
    /// `mem_...`
    pub async fn id(&self) -> ID {
        self.0.member.id.into()
    }

    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, ApiError> {
        UserLoader::load(ctx, self.0.member.user_id).await?.ok_or(ApiError::Internal)
    }

    /// The account.
    async fn account(&self) -> Account {
        Account(self.0.account.clone())
    }

    /// What they may do: at present always one role.
    async fn roles(&self) -> Vec<Role> {
        vec![self.0.member.role.into()]
    }

    /// Whether they reach all programs of the account, also those created later.
    async fn all_programs(&self) -> bool {
        self.0.member.programs.is_empty()
    }

    /// The programs that they are limited to, as far as they are in your reach; see `allPrograms`.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn programs(&self, ctx: &Context<'_>) -> Result<Vec<Program>, ApiError> {
        in_reach(ctx, &self.0.member.programs).await
    }

    /// Since when.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.member.created_at
    }

    /// When their role or programs last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.member.updated_at
    }
}

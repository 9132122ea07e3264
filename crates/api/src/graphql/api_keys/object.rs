use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::act;

use crate::graphql::{
    error::ApiError,
    guard::{Needs, Permission, needs},
    programs::{Program, in_reach},
    users::Actor,
};

/// How a machine of the account logs in.
#[derive(Clone)]
pub struct ApiKey(pub domain::api_keys::ApiKey);

impl From<domain::api_keys::ApiKey> for ApiKey {
    fn from(key: domain::api_keys::ApiKey) -> Self {
        Self(key)
    }
}

/// How a machine of the account logs in.
#[Object]
impl ApiKey {
    /// `key_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The last four characters of its secret.
    async fn hint(&self) -> &str {
        &self.0.hint
    }

    /// What it may do.
    async fn permissions(&self) -> Vec<Permission> {
        self.0.permissions.iter().copied().map(Permission::from).collect()
    }

    /// Whether it reaches all programs of the account, also those created later.
    async fn all_programs(&self) -> bool {
        self.0.programs.is_empty()
    }

    /// The programs that it is limited to; see `allPrograms`.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn programs(&self, ctx: &Context<'_>) -> Result<Vec<Program>, ApiError> {
        in_reach(ctx, &self.0.programs).await
    }

    /// From when on it no longer works.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// The last use, to a minute.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }

    /// Since when it no longer works, because it was revoked.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// Who made it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::resolve(ctx, self.0.created_by.parse().unwrap_or(act::Actor::System)).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

//! API keys.

mod inputs;
mod object;

use async_graphql::{Context, Object, SimpleObject};
use domain::api_keys::{CreateError, CreatedApiKey, RevokeError};
use domain::page::PageArgs;
use ids::ApiKeyId;
pub use inputs::ApiKeyInput;
pub use object::ApiKey;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
};

load_by_id!(ApiKeyId => ApiKey of domain::api_keys::ApiKey);

connection!(
    /// API keys, newest first.
    ApiKeyConnection, ApiKeyEdge, ApiKey, domain::api_keys::ApiKey, |row| row.id
);

/// What a mutation of an API key answers.
#[derive(SimpleObject)]
pub struct ApiKeyPayload {
    /// The key as it is now; null when nothing was done.
    pub api_key: Option<ApiKey>,
    /// What the machine sends as `Authorization: Bearer`. Only in the answer to the first `apiKeyCreate`: keep it now.
    pub secret: Option<String>,
    /// What is wrong with the input; empty when it was done.
    pub user_errors: Vec<UserError>,
}

impl ApiKeyPayload {
    fn of<E>(outcome: Result<CreatedApiKey, E>) -> Result<Self, ApiError>
    where
        Refusal: From<E>,
    {
        match outcome.map_err(Refusal::from) {
            Ok(CreatedApiKey { key, secret }) => Ok(Self {
                api_key: Some(key.into()),
                secret: secret.map(|secret| secret.expose().to_owned()),
                user_errors: Vec::new(),
            }),
            Err(Refusal::User(user_errors)) => Ok(Self { api_key: None, secret: None, user_errors }),
            Err(Refusal::Api(error)) => Err(error),
        }
    }
}

/// What can be asked about API keys.
#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// The API keys that are not revoked, newest first. Keys that reach further than you do are not shown.
    #[graphql(directive = needs::apply(Permission::Developers), guard = "Needs(Permission::Developers)")]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<ApiKeyConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, page) = (request.scope()?, PageArgs::new(first.into(), connection::key(after)?));
        let mut conn = request.conn().await?;
        let rows = domain::api_keys::ApiKey::list(&mut conn, scope, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::api_keys::ApiKey::count(&mut conn, scope, COUNT_CAP).await?),
            false => None,
        };
        Ok(ApiKeyConnection::of(rows, page.after.is_none(), total))
    }
}

/// What can be done with API keys.
#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Creates an API key with at most the permissions and programs that you have. Its secret is in this answer only.
    #[graphql(directive = needs::apply(Permission::Developers), guard = "Needs(Permission::Developers)")]
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key.")] input: ApiKeyInput,
    ) -> Result<ApiKeyPayload, ApiError> {
        let request = Request::of(ctx);
        let (scope, held) = (request.scope()?, request.viewer.permissions());
        let mut conn = request.conn().await?;
        let new = input.into();
        ApiKeyPayload::of(domain::api_keys::ApiKey::create(&mut conn, scope, held, &new, &request.act).await)
    }

    /// Ends an API key, from the next request on.
    #[graphql(directive = needs::apply(Permission::Developers), guard = "Needs(Permission::Developers)")]
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`key_...`")] id: ApiKeyId,
    ) -> Result<ApiKeyPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let revoked = domain::api_keys::ApiKey::revoke(&mut conn, request.scope()?, id, &request.act).await;
        ApiKeyPayload::of(revoked.map(|key| CreatedApiKey { key, secret: None }))
    }
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateError::Lacking(lacks) => {
                let words: Vec<_> = lacks.iter().map(|permission| permission.as_str()).collect();
                let sentence = format!("You cannot grant what you lack: {}.", words.join(", "));
                UserError::at(&["input", "permissions"], UserErrorCode::Forbidden, sentence).into()
            }
            CreateError::ProgramNotFound => {
                let sentence = "There is no such program.";
                UserError::at(&["input", "programIds"], UserErrorCode::NotFound, sentence).into()
            }
            CreateError::Limited => {
                let sentence = "You are limited to some programs, so the key must name some of them.";
                UserError::at(&["input", "programIds"], UserErrorCode::Forbidden, sentence).into()
            }
            CreateError::Outlives { ends_at } => {
                let sentence =
                    format!("Your key ends at {}: the new one must not outlive it.", ends_at.to_rfc3339());
                UserError::at(&["input", "expiresAt"], UserErrorCode::Forbidden, sentence).into()
            }
            CreateError::IdempotencyMismatch => {
                UserError::idempotency_mismatch(&["input", "idempotencyKey"]).into()
            }
            CreateError::Database(error) => error.into(),
        }
    }
}

impl From<RevokeError> for Refusal {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::NotFound => UserError::not_found("id", "API key").into(),
            RevokeError::AlreadyRevoked => UserError::wrong_state("API key", "REVOKED").into(),
            RevokeError::Database(error) => error.into(),
        }
    }
}

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::api_keys::NewApiKey;
use ids::ProgramId;

use crate::graphql::{guard::Permission, years::CommonYears};

/// An API key to be created.
#[derive(InputObject)]
pub struct ApiKeyInput {
    /// What people call it; 1 to 200 characters.
    name: String,
    /// What it may do; at least one, and only such as you have.
    #[graphql(validator(max_items = 100))]
    permissions: Vec<Permission>,
    /// The programs that it is limited to, at most 100; left out or empty means all, also those created later.
    program_ids: Option<Vec<ProgramId>>,
    /// From when on it no longer works; left out, it works until it is revoked. A key creates none that outlives it: left
    /// out, the new key ends with its creator.
    #[graphql(validator(custom = "CommonYears"))]
    expires_at: Option<DateTime<Utc>>,
    /// The same key and input again answer with the API key of the first call, without its secret; 1 to 255 characters.
    #[graphql(validator(min_length = 1, max_length = 255))]
    idempotency_key: Option<String>,
}

impl From<ApiKeyInput> for NewApiKey {
    fn from(input: ApiKeyInput) -> Self {
        Self {
            name: input.name,
            permissions: input.permissions.into_iter().map(Into::into).collect(),
            programs: input.program_ids.unwrap_or_default(),
            expires_at: input.expires_at,
            idempotency_key: input.idempotency_key,
        }
    }
}

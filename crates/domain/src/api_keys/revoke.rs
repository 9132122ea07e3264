use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::ApiKeyId;

use super::ApiKey;
use crate::{act::Act, audit, schema::api_keys, scope::AccountScope};

/// Why a key was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// No such key in reach.
    #[error("no such key")]
    NotFound,
    /// It was revoked before.
    #[error("the key is revoked")]
    AlreadyRevoked,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl ApiKey {
    /// Ends a key, from the next request on.
    ///
    /// # Errors
    /// [`RevokeError`].
    pub async fn revoke(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: ApiKeyId,
        act: &Act,
    ) -> Result<Self, RevokeError> {
        conn.transaction(async |conn| {
            let before = Self::find(conn, scope, id).await?.ok_or(RevokeError::NotFound)?;
            let after: Self =
                diesel::update(api_keys::table.find(before.id).filter(api_keys::revoked_at.is_null()))
                    .set((api_keys::revoked_at.eq(act.now), api_keys::updated_at.eq(act.now)))
                    .returning(Self::as_returning())
                    .get_result(conn)
                    .await
                    .optional()?
                    .ok_or(RevokeError::AlreadyRevoked)?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "apiKeyRevoke", after.id, change).await?;
            Ok(after)
        })
        .await
    }
}

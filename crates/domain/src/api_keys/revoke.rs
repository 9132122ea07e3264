use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::ApiKeyId;
use serde::Serialize;

use super::ApiKey;
use crate::{
    act::{Act, Actor},
    audit,
    events::{self, EventKind, NewEvent},
    schema::api_keys,
    scope::AccountScope,
    team::{grantor, grants},
};

/// What the event of a revoked key says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RevokedPayload {
    api_key_id: ApiKeyId,
}

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
    /// Ends a key, from the next request on, and with it the keys and pending invites that it made.
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
            grantor::lock(conn, scope.account_id).await?;
            let before = Self::find(conn, scope, id).await?.ok_or(RevokeError::NotFound)?;
            let mut revoked = Self::revoke_all(conn, &[before], "apiKeyRevoke", act).await?;
            let revoked = revoked.pop().ok_or(RevokeError::AlreadyRevoked)?;
            let maker = (revoked.account_id, Actor::ApiKey(revoked.id));
            grants::end_beyond(conn, maker, None, "apiKeyRevoke", act).await?;
            Ok(revoked)
        })
        .await
    }

    /// Ends keys of one account, in the caller's transaction; answers those that were not revoked before.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn revoke_all(
        conn: &mut AsyncPgConnection,
        keys: &[Self],
        action: &str,
        act: &Act,
    ) -> QueryResult<Vec<Self>> {
        let Some(first) = keys.first() else { return Ok(Vec::new()) };
        let ids: Vec<ApiKeyId> = keys.iter().map(|key| key.id).collect();
        let live = api_keys::table
            .filter(api_keys::account_id.eq(first.account_id))
            .filter(api_keys::id.eq_any(ids))
            .filter(api_keys::revoked_at.is_null());
        let revoked: Vec<Self> = diesel::update(live)
            .set((api_keys::revoked_at.eq(act.now), api_keys::updated_at.eq(act.now)))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let before = |after: &Self| keys.iter().find(|key| key.id == after.id);
        let changes: Vec<_> =
            revoked.iter().map(|after| (after.id.to_string(), before(after), Some(after))).collect();
        audit::record_all(conn, act, first.account_id, action, &changes).await?;
        let happened: Vec<_> = revoked
            .iter()
            .map(|key| {
                let payload = RevokedPayload { api_key_id: key.id };
                NewEvent::of_account(key.account_id, EventKind::ApiKeyRevoked, key.id, &payload)
            })
            .collect();
        events::record(conn, act, &happened).await?;
        Ok(revoked)
    }
}

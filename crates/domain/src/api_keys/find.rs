use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ApiKeyId;

use super::ApiKey;
use crate::{schema::api_keys, scope::AccountScope};

/// Nobody needs more keys than this; the list shows the newest.
const SHOWN: i64 = 1_000;

impl ApiKey {
    /// The key of that id, revoked or not, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: ApiKeyId,
    ) -> QueryResult<Option<Self>> {
        let key: Option<Self> = api_keys::table
            .filter(api_keys::account_id.eq(scope.account_id))
            .filter(api_keys::id.eq(id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(key.filter(|key| key.is_within(scope)))
    }

    /// The keys of the account that are in reach and not revoked, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(conn: &mut AsyncPgConnection, scope: &AccountScope) -> QueryResult<Vec<Self>> {
        let mut keys: Vec<Self> = api_keys::table
            .filter(api_keys::account_id.eq(scope.account_id))
            .filter(api_keys::revoked_at.is_null())
            .order(api_keys::id.desc())
            .limit(SHOWN)
            .select(Self::as_select())
            .load(conn)
            .await?;
        keys.retain(|key| key.is_within(scope));
        Ok(keys)
    }
}

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::ApiKey;
use crate::{
    accounts::AccountStatus,
    prepared::Prepare,
    schema::{accounts, api_keys},
    users::token,
};

/// How exactly the last use is kept: a write for every request would cost more than it tells.
const USED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl ApiKey {
    /// The key with this secret, unless it is revoked or expired, and where its account stands. Notes the use, at most
    /// once a minute.
    ///
    /// # Errors
    /// The database's.
    pub async fn authenticate(
        conn: &mut AsyncPgConnection,
        secret: &str,
        now: DateTime<Utc>,
    ) -> QueryResult<Option<(Self, AccountStatus)>> {
        let found: Option<(Self, AccountStatus)> = api_keys::table
            .inner_join(accounts::table.on(accounts::id.eq(api_keys::account_id)))
            .filter(api_keys::token_hash.eq(token::hash(secret)))
            .filter(api_keys::revoked_at.is_null())
            .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
            .select((Self::as_select(), accounts::status))
            .limit(1)
            .prepared()
            .get_result(conn)
            .await
            .optional()?;
        if let Some((key, _)) = &found
            && key.last_used_at.is_none_or(|at| at <= now - USED_EVERY)
        {
            let stale = api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(now));
            diesel::update(api_keys::table.find(key.id).filter(stale))
                .set(api_keys::last_used_at.eq(now))
                .execute(conn)
                .await?;
        }
        Ok(found)
    }
}

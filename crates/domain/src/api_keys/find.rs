use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ApiKeyId;

use super::ApiKey;
use crate::{
    page::{Page, PageArgs},
    schema::{api_key_programs, api_keys},
    scope::AccountScope,
};

/// The keys of the account that somebody with this scope may see: none that reaches further than they do.
fn in_reach(scope: &AccountScope) -> api_keys::BoxedQuery<'_, diesel::pg::Pg> {
    use api_key_programs as p;
    let query = api_keys::table.filter(api_keys::account_id.eq(scope.account_id)).into_boxed();
    let Some(programs) = scope.programs() else { return query };
    let of_key =
        p::table.filter(p::account_id.eq(api_keys::account_id)).filter(p::api_key_id.eq(api_keys::id));
    let beyond = of_key.filter(p::program_id.ne_all(programs));
    // A key without programs reaches all of them.
    query.filter(exists(of_key)).filter(not(exists(beyond)))
}

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
        in_reach(scope).filter(api_keys::id.eq(id)).select(Self::as_select()).first(conn).await.optional()
    }

    /// The keys of these ids that are in reach, revoked or not, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[ApiKeyId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope).filter(api_keys::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// A page of the keys that are in reach and not revoked, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        page: PageArgs<ApiKeyId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = in_reach(scope).filter(api_keys::revoked_at.is_null());
        if let Some(after) = page.after {
            query = query.filter(api_keys::id.lt(after));
        }
        let query = query.order(api_keys::id.desc()).limit(page.limit());
        Ok(Page::of(query.select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many keys [`ApiKey::list`] has, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(conn: &mut AsyncPgConnection, scope: &AccountScope, cap: i64) -> QueryResult<i64> {
        let query = in_reach(scope).filter(api_keys::revoked_at.is_null()).limit(cap);
        let ids: Vec<ApiKeyId> = query.select(api_keys::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }
}

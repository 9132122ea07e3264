//! The audit trail: who changed what, from what to what. Append-only.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, AuditEntryId};
use serde::Serialize;

use crate::{
    act::Act,
    page::{Page, PageArgs},
    schema::audit_entries,
    scope::AccountScope,
};

#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
struct Row<'a> {
    id: AuditEntryId,
    account_id: Option<AccountId>,
    actor: String,
    action: &'a str,
    target: String,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    request_id: Option<String>,
    client_address: Option<&'a str>,
    at: chrono::DateTime<chrono::Utc>,
}

/// An entry of the trail, as the database gives it back.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_entries)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// Who acted, as [`crate::act::Actor`] prints.
    pub actor: String,
    /// The mutation, e.g. `partnerApprove`.
    pub action: String,
    /// The TypeID of what was changed.
    pub target: String,
    /// The fields that changed, as they were.
    pub before: Option<serde_json::Value>,
    /// The fields that changed, as they are.
    pub after: Option<serde_json::Value>,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
}

/// Writes one entry, in the caller's transaction. `before` and `after` hold what changed; no secrets.
///
/// # Errors
/// The database's.
pub async fn record<T: Serialize>(
    conn: &mut AsyncPgConnection,
    act: &Act,
    account_id: AccountId,
    action: &str,
    target: impl ToString,
    change: (Option<&T>, Option<&T>),
) -> QueryResult<()> {
    record_for(conn, act, Some(account_id), action, target, change).await
}

/// As [`record`]; without an account it is an entry of the instance itself, which operators read.
///
/// # Errors
/// The database's.
pub async fn record_for<T: Serialize>(
    conn: &mut AsyncPgConnection,
    act: &Act,
    account_id: Option<AccountId>,
    action: &str,
    target: impl ToString,
    (before, after): (Option<&T>, Option<&T>),
) -> QueryResult<()> {
    let row = row(act, account_id, action, target.to_string(), (before, after));
    diesel::insert_into(audit_entries::table).values(&row).execute(conn).await?;
    Ok(())
}

/// Rows of one INSERT: ten parameters each stay below PostgreSQL's 65,535.
const ROWS_PER_INSERT: usize = 2_000;

/// What became of one target of an action that had many.
pub type Change<'a, T> = (String, Option<&'a T>, Option<&'a T>);

/// As [`record`], of many targets at once: id, before and after of each.
///
/// # Errors
/// The database's.
pub async fn record_all<T: Serialize>(
    conn: &mut AsyncPgConnection,
    act: &Act,
    account_id: AccountId,
    action: &str,
    changes: &[Change<'_, T>],
) -> QueryResult<()> {
    for chunk in changes.chunks(ROWS_PER_INSERT) {
        let of = |(target, before, after): &Change<'_, T>| {
            row(act, Some(account_id), action, target.clone(), (*before, *after))
        };
        let rows: Vec<_> = chunk.iter().map(of).collect();
        diesel::insert_into(audit_entries::table).values(&rows).execute(conn).await?;
    }
    Ok(())
}

fn row<'a, T: Serialize>(
    act: &'a Act,
    account_id: Option<AccountId>,
    action: &'a str,
    target: String,
    (before, after): (Option<&T>, Option<&T>),
) -> Row<'a> {
    let json = |value: Option<&T>| value.and_then(|value| serde_json::to_value(value).ok());
    Row {
        id: act.ids.next(act.now),
        account_id,
        actor: act.actor.to_string(),
        action,
        target,
        before: json(before),
        after: json(after),
        request_id: act.request_id.clone(),
        client_address: act.client_address.as_deref(),
        at: act.now,
    }
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only what was done to the object of this TypeID.
    pub target: Option<String>,
}

impl AuditEntry {
    /// A page of the trail, newest first; empty for a credential that does not reach the whole account, because an entry
    /// is no program's.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &AuditFilter,
        page: PageArgs<AuditEntryId>,
    ) -> QueryResult<Page<Self>> {
        if !scope.is_whole() {
            return Ok(Page::of(Vec::new(), &page));
        }
        let mut query = Self::matching(scope, filter).order(audit_entries::id.desc());
        if let Some(after) = page.after {
            query = query.filter(audit_entries::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many entries match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &AuditFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        if !scope.is_whole() {
            return Ok(0);
        }
        let ids: Vec<AuditEntryId> =
            Self::matching(scope, filter).limit(cap).select(audit_entries::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a AuditFilter,
    ) -> audit_entries::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query =
            audit_entries::table.filter(audit_entries::account_id.eq(scope.account_id)).into_boxed();
        if let Some(target) = &filter.target {
            query = query.filter(audit_entries::target.eq(target));
        }
        query
    }
}

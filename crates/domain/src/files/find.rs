use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, FileId};

use crate::{act::Actor, schema::files, scope::AccountScope};

/// A file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = files)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// The tenant.
    pub account_id: AccountId,
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// SHA-256 of its bytes; none of a sealed one, of which it would tell what is in it.
    pub sha256: Option<Vec<u8>>,
    /// Who gave or made it, as [`Actor`](crate::act::Actor) prints.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl File {
    /// The files of these ids, in no order. Files are the account's: whoever shows one has found what it belongs to.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[FileId],
    ) -> QueryResult<Vec<Self>> {
        files::table
            .filter(files::account_id.eq(scope.account_id))
            .filter(files::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// Whether the account has this file, and a person or a key gave it. What Refero made is nobody's invoice: whoever sees an
    /// invoice must not come to see by it what is for a bank.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_given(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: FileId,
    ) -> QueryResult<bool> {
        let found = Self::find_all(conn, scope, &[id]).await?.pop();
        let giver = found.and_then(|file| file.created_by.parse().ok());
        Ok(matches!(giver, Some(Actor::User(_) | Actor::ApiKey(_))))
    }
}

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::UserId;

use crate::{schema::users, text_enum};

text_enum! {
    /// Where a user stands.
    UserStatus {
        /// Registered; the address is not proven.
        Unverified = "UNVERIFIED",
        /// May log in.
        Active = "ACTIVE",
        /// May not log in any more.
        Disabled = "DISABLED",
    }
}

/// A person with a log-in.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// In lower case; the log-in.
    pub email: String,
    /// What people call them; may be empty.
    pub name: String,
    /// BCP 47, e.g. `en`.
    pub locale: String,
    /// Where they stand.
    pub status: UserStatus,
    /// Whether they operate this instance: see all queues and system jobs, pause.
    pub instance_operator: bool,
    /// How many verification links were made for them; the link's token is derived from it.
    pub verify_rotation: i32,
    /// Where the link went that proves another address of theirs; none if none waits.
    pub new_email: Option<String>,
    /// From when on that link no longer works.
    pub email_expires_at: Option<DateTime<Utc>>,
    /// When they registered.
    pub created_at: DateTime<Utc>,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
pub(super) struct NewUser<'a> {
    pub id: UserId,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub locale: &'a str,
    pub status: UserStatus,
    pub verify_rotation: i32,
    pub verify_token_hash: Option<Vec<u8>>,
    pub verify_expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl NewUser<'_> {
    /// Whether the row was written: not when the address is taken. Waits for a transaction that is taking it.
    pub async fn insert(&self, conn: &mut AsyncPgConnection) -> QueryResult<bool> {
        let rows = diesel::insert_into(users::table)
            .values(self)
            .on_conflict(users::email)
            .do_nothing()
            .execute(conn)
            .await?;
        Ok(rows == 1)
    }
}

/// The address as it is stored and compared.
pub(crate) fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

impl User {
    /// Whether this is their address, in any case.
    pub fn has_email(&self, email: &str) -> bool {
        folded(email) == self.email
    }

    /// The user of that id.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(conn: &mut AsyncPgConnection, id: UserId) -> QueryResult<Option<Self>> {
        users::table.find(id).select(Self::as_select()).first(conn).await.optional()
    }

    /// The users of these ids, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<Vec<Self>> {
        users::table.filter(users::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// The user with this address, whatever its case.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_email(conn: &mut AsyncPgConnection, email: &str) -> QueryResult<Option<Self>> {
        users::table
            .filter(users::email.eq(folded(email)))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }
}

/// Ids and state only: a name or an address in a log is a leak.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

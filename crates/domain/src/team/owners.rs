use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, UserId};

use super::{Member, Role};
use crate::schema::{members, users};

impl Member {
    /// The owners of these accounts who can log in, by account and user.
    ///
    /// # Errors
    /// The database's.
    pub async fn owners_of(
        conn: &mut AsyncPgConnection,
        accounts: &[AccountId],
    ) -> QueryResult<Vec<(AccountId, UserId)>> {
        members::table
            .inner_join(users::table)
            .filter(members::account_id.eq_any(accounts))
            .filter(members::role.eq(Role::Owner))
            .filter(users::status.eq("ACTIVE"))
            .order((members::account_id, members::user_id))
            .select((members::account_id, members::user_id))
            .load(conn)
            .await
    }
}

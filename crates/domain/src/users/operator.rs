use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::{User, model::folded};
use crate::{act::Act, audit, schema::users};

impl User {
    /// Lets the user with this address operate the instance; `None` if there is no such user.
    ///
    /// # Errors
    /// The database's.
    pub async fn make_operator(
        conn: &mut AsyncPgConnection,
        email: &str,
        act: &Act,
    ) -> QueryResult<Option<Self>> {
        conn.transaction(async |conn| {
            let found = users::table.filter(users::email.eq(folded(email)));
            let user: Option<Self> = diesel::update(found)
                .set((users::instance_operator.eq(true), users::updated_at.eq(act.now)))
                .returning(Self::as_returning())
                .get_result(conn)
                .await
                .optional()?;
            if let Some(user) = &user {
                audit::record_for::<()>(conn, act, None, "operatorAdd", user.id, (None, None)).await?;
            }
            Ok(user)
        })
        .await
    }
}

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{User, model::folded};
use crate::{act::Act, schema::users};

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
        diesel::update(users::table.filter(users::email.eq(folded(email))))
            .set((users::instance_operator.eq(true), users::updated_at.eq(act.now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()
    }
}

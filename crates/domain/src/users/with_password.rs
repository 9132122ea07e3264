use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ids::UserId;

use super::{Overloaded, Passwords, User, UserStatus, policy::LIMIT};
use crate::{
    db::{Db, DbUnavailable},
    schema::users,
};

impl User {
    /// The active user and their stored hash, if this is their password. No connection is held while it is hashed, so whoever
    /// acts on the answer holds the hash against the row again.
    pub(super) async fn with_password<E>(
        db: &Db,
        passwords: &Passwords,
        user_id: UserId,
        password: &str,
    ) -> Result<Option<(Self, String)>, E>
    where
        E: From<DbUnavailable> + From<diesel::result::Error> + From<Overloaded>,
    {
        let found: Option<(Self, String)> = {
            let mut conn = db.get().await?;
            users::table
                .find(user_id)
                .filter(users::status.eq(UserStatus::Active))
                .select((Self::as_select(), users::password_hash))
                .first(&mut *conn)
                .await
                .optional()?
        };
        let Some((user, stored)) = found else { return Ok(None) };
        // Nobody has a longer password; hashing a body full of it is work for nothing.
        if password.chars().count() > LIMIT || !passwords.verify(password, Some(&stored)).await? {
            return Ok(None);
        }
        Ok(Some((user, stored)))
    }
}

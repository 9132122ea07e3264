use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use ids::{SessionId, UserId};

use super::{EndedLinks, NewPassword, tell};
use crate::{
    act::Act,
    db::{Db, DbUnavailable},
    schema::users,
    users::{Overloaded, PasswordProblem, Passwords, Session, User, UserStatus, policy},
};

/// What somebody who is logged in says to have another password.
#[derive(Clone)]
pub struct PasswordChange {
    /// Who.
    pub user_id: UserId,
    /// The session that stays.
    pub session_id: SessionId,
    /// The present password.
    pub current: String,
    /// The password from then on: 10 to 200 characters, not the address.
    pub new: String,
}

/// Why the password stays.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The present password is another one.
    #[error("the password is wrong")]
    WrongPassword,
    /// The new password will not do.
    #[error("invalid password")]
    Invalid(PasswordProblem),
    /// Too many log-ins and registrations at this moment.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<DbUnavailable> for ChangePasswordError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

impl User {
    /// Sets another password for whoever knows the present one, and ends all their sessions but the one they ask in.
    ///
    /// # Errors
    /// [`ChangePasswordError`].
    pub async fn change_password(
        db: &Db,
        passwords: &Passwords,
        said: &PasswordChange,
        act: &Act,
    ) -> Result<Self, ChangePasswordError> {
        let found = Self::with_password::<ChangePasswordError>(db, passwords, said.user_id, &said.current);
        let (user, stored) = found.await?.ok_or(ChangePasswordError::WrongPassword)?;
        if let Some(problem) = policy::problem_of(&said.new, &user.email) {
            return Err(ChangePasswordError::Invalid(problem));
        }
        let password_hash = passwords.hash(&said.new, &act.ids).await?;
        let mut conn = db.get().await?;
        conn.transaction(async |conn| {
            // If the password was set meanwhile, it is not what was checked.
            let checked = users::table
                .filter(users::id.eq(said.user_id))
                .filter(users::password_hash.eq(&stored))
                .filter(users::status.eq(UserStatus::Active));
            let new = NewPassword { password_hash: &password_hash, updated_at: act.now };
            let (user, version): (Self, i32) = diesel::update(checked)
                .set((EndedLinks::default(), new, users::password_version.eq(users::password_version + 1)))
                .returning((Self::as_returning(), users::password_version))
                .get_result(conn)
                .await
                .optional()?
                .ok_or(ChangePasswordError::WrongPassword)?;
            Session::end_all(conn, user.id, Some(said.session_id), act.now).await?;
            tell(conn, (user.id, version), "passwordChange", act).await?;
            Ok(user)
        })
        .await
    }
}

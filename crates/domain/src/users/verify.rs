use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::{OpenedSession, Overloaded, Passwords, Session, User, UserStatus, policy::LIMIT, token};
use crate::{
    act::Act,
    db::{Db, DbUnavailable},
    schema::users,
};

/// Why an address was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The link is unknown, used, replaced by a newer one or older than 48 hours.
    #[error("the link does not work")]
    InvalidToken,
    /// The link works, but it belongs to a registration with another password.
    #[error("the password is not that of the registration")]
    WrongPassword,
    /// Too many log-ins and registrations at this moment.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<DbUnavailable> for VerifyError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

impl User {
    /// Proves the address by the token of a link and the password of the registration that the link belongs to, once,
    /// and opens the first session.
    ///
    /// Anybody can register an address that is not theirs. The link shows who reads its mail, the password who
    /// registered: only when they are one person does the registration count. A stranger who registers an address
    /// after its owner did cannot make the owner's click activate the stranger's password.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify(
        db: &Db,
        passwords: &Passwords,
        (token, password): (&str, &str),
        user_agent: Option<&str>,
        act: &Act,
    ) -> Result<OpenedSession, VerifyError> {
        let token_hash = token::hash(token);
        let stored: Option<String> = {
            let mut conn = db.get().await?;
            users::table
                .filter(users::verify_token_hash.eq(&token_hash))
                .filter(users::verify_expires_at.gt(act.now))
                .filter(users::status.eq(UserStatus::Unverified))
                .select(users::password_hash)
                .first(&mut *conn)
                .await
                .optional()?
        };
        let stored = stored.ok_or(VerifyError::InvalidToken)?;
        // Nobody has a longer password; hashing a body full of it is work for nothing.
        if password.chars().count() > LIMIT || !passwords.verify(password, Some(&stored)).await? {
            return Err(VerifyError::WrongPassword);
        }
        let mut conn = db.get().await?;
        conn.transaction(async |conn| {
            // A registration in between has a link of its own, and is not what was checked.
            let checked = users::table
                .filter(users::verify_token_hash.eq(&token_hash))
                .filter(users::password_hash.eq(&stored))
                .filter(users::status.eq(UserStatus::Unverified));
            let user: Self = diesel::update(checked)
                .set((
                    users::status.eq(UserStatus::Active),
                    users::verify_token_hash.eq(None::<Vec<u8>>),
                    users::verify_expires_at.eq(None::<DateTime<Utc>>),
                    users::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await
                .optional()?
                .ok_or(VerifyError::InvalidToken)?;
            Ok(Session::open(conn, user, user_agent, act).await?)
        })
        .await
    }
}

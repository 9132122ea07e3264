use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

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
    /// The link works, but it belongs to a registration or a user with another password.
    #[error("the password is not that of the link")]
    WrongPassword,
    /// The address became that of another user meanwhile.
    #[error("the address is that of another user")]
    Taken,
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
    /// Proves an address by the token of a link and the password of whoever asked for it, once, and opens a session: that of
    /// a registration, or another address of a user.
    ///
    /// Anybody can register an address that is not theirs, or ask for it. The link shows who reads its mail, the password who
    /// asked: only when they are one person does it count. A stranger who registers an address after its owner did cannot
    /// make the owner's click activate the stranger's password.
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
        let stored = stored_password(&mut *db.get().await?, &token_hash, act.now).await?;
        let stored = stored.ok_or(VerifyError::InvalidToken)?;
        // Nobody has a longer password; hashing a body full of it is work for nothing.
        if password.chars().count() > LIMIT || !passwords.verify(password, Some(&stored)).await? {
            return Err(VerifyError::WrongPassword);
        }
        let mut conn = db.get().await?;
        conn.transaction(async |conn| {
            let checked = (token_hash.as_slice(), stored.as_str());
            let user = match activate(conn, checked, act).await? {
                Some(user) => user,
                None => Self::change_email(conn, checked, act).await?.ok_or(VerifyError::InvalidToken)?,
            };
            Ok(Session::open(conn, user, user_agent, act).await?)
        })
        .await
    }
}

/// The hash of the password that a working link asks for.
async fn stored_password(
    conn: &mut AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> QueryResult<Option<String>> {
    let registered = users::verify_token_hash
        .eq(token_hash)
        .and(users::verify_expires_at.gt(now))
        .and(users::status.eq(UserStatus::Unverified));
    let moving = users::email_token_hash
        .eq(token_hash)
        .and(users::email_expires_at.gt(now))
        .and(users::status.eq(UserStatus::Active));
    let linked = users::table.filter(registered.or(moving));
    linked.select(users::password_hash).first(conn).await.optional()
}

/// The user whose registration the link proves; `None` if it proves none. A registration in between has a link of its own,
/// and is not what was checked.
async fn activate(
    conn: &mut AsyncPgConnection,
    (token_hash, password_hash): (&[u8], &str),
    act: &Act,
) -> QueryResult<Option<User>> {
    let checked = users::table
        .filter(users::verify_token_hash.eq(token_hash))
        .filter(users::password_hash.eq(password_hash))
        .filter(users::status.eq(UserStatus::Unverified));
    diesel::update(checked)
        .set((
            users::status.eq(UserStatus::Active),
            users::verify_token_hash.eq(None::<Vec<u8>>),
            users::verify_expires_at.eq(None::<DateTime<Utc>>),
            users::updated_at.eq(act.now),
        ))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

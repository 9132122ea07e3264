use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::SessionId;

use super::{
    OpenedSession, Overloaded, Passwords, Secrets, Session, User, UserStatus, model::folded, policy::LIMIT,
};
use crate::{
    act::Act,
    db::{Db, DbUnavailable},
    schema::users,
};

/// What a person says to log in.
#[derive(Clone)]
pub struct Attempt {
    /// The address, in any case.
    pub email: String,
    /// The password.
    pub password: String,
    /// What their browser says it is.
    pub user_agent: Option<String>,
    /// The session that the browser has already; it ends when the new one begins.
    pub replaces: Option<SessionId>,
}

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// The address is unknown or not verified, the password is wrong, or the user is disabled: nobody is told which.
    #[error("the log-in is refused")]
    Refused,
    /// Too many log-ins and registrations at this moment.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<DbUnavailable> for LogInError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

impl User {
    /// Opens a session for the right password. An unverified user with the right password is sent a fresh link, at most
    /// every ten minutes, and is refused like everybody else.
    ///
    /// # Errors
    /// [`LogInError`].
    pub async fn log_in(
        db: &Db,
        (passwords, secrets): (&Passwords, &Secrets),
        attempt: &Attempt,
        act: &Act,
    ) -> Result<OpenedSession, LogInError> {
        let found: Option<(Self, String)> = {
            let mut conn = db.get().await?;
            users::table
                .filter(users::email.eq(folded(&attempt.email)))
                .select((Self::as_select(), users::password_hash))
                .first(&mut *conn)
                .await
                .optional()?
        };
        // Nobody has a longer password; hashing a body full of it is work for nothing.
        let plausible = attempt.password.chars().count() <= LIMIT;
        let password = if plausible { attempt.password.as_str() } else { "" };
        let stored = found.as_ref().filter(|_| plausible).map(|(_, hash)| hash.as_str());
        let is_right = passwords.verify(password, stored).await?;
        let checked = found.filter(|_| is_right).ok_or(LogInError::Refused)?;
        let mut conn = db.get().await?;
        let opened = conn.transaction(async |conn| {
            let Some(user) = unchanged(conn, &checked).await? else { return Ok(None) };
            match user.status {
                UserStatus::Active => {
                    if let Some(replaced) = attempt.replaces {
                        Session::end(conn, replaced, act.now).await?;
                    }
                    Session::open(conn, user, attempt.user_agent.as_deref(), act).await.map(Some)
                }
                UserStatus::Unverified => Self::resend_link(conn, user.id, secrets, act).await.map(|()| None),
                UserStatus::Disabled => Ok(None),
            }
        });
        opened.await?.ok_or(LogInError::Refused)
    }
}

/// The user as they are now, if their password is still the one that was checked. Hashing took a while: whoever sets
/// another password meanwhile ends all sessions, and this one must not begin behind that. The row stays as it is until the
/// transaction ends.
async fn unchanged(
    conn: &mut AsyncPgConnection,
    (user, password_hash): &(User, String),
) -> QueryResult<Option<User>> {
    users::table
        .filter(users::id.eq(user.id))
        .filter(users::password_hash.eq(password_hash))
        .for_no_key_update()
        .select(User::as_select())
        .first(conn)
        .await
        .optional()
}

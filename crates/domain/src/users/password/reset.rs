use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::{EndedLinks, NewPassword, tell};
use crate::{
    act::Act,
    db::{Db, DbUnavailable},
    schema::users,
    users::{
        OpenedSession, Overloaded, PasswordProblem, Passwords, Session, User, UserStatus, policy, token,
    },
};

/// Why no password was set.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The link is unknown, used, replaced by a newer one or older than an hour.
    #[error("the link does not work")]
    InvalidToken,
    /// The password will not do.
    #[error("invalid password")]
    Invalid(PasswordProblem),
    /// Too many log-ins and registrations at this moment.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<DbUnavailable> for ResetError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

impl User {
    /// Sets another password by the token of a link, once, ends all sessions of the user and opens a new one. The link
    /// proves the address too: who registered and lost the first email is a user then.
    ///
    /// # Errors
    /// [`ResetError`].
    pub async fn reset_password(
        db: &Db,
        passwords: &Passwords,
        (presented, password): (&str, &str),
        user_agent: Option<&str>,
        act: &Act,
    ) -> Result<OpenedSession, ResetError> {
        let hash = token::hash(presented);
        let user = {
            let mut conn = db.get().await?;
            let found = with_link(&hash, act.now).select(Self::as_select());
            found.first(&mut *conn).await.optional()?.ok_or(ResetError::InvalidToken)?
        };
        if let Some(problem) = policy::problem_of(password, &user.email) {
            return Err(ResetError::Invalid(problem));
        }
        let password_hash = passwords.hash(password, &act.ids).await?;
        let mut conn = db.get().await?;
        conn.transaction(async |conn| {
            let (user, version) = set(conn, &hash, &password_hash, act).await?;
            Session::end_all(conn, user.id, None, act.now).await?;
            tell(conn, (user.id, version), "passwordReset", act).await?;
            Ok(Session::open(conn, user, user_agent, act).await?)
        })
        .await
    }
}

/// Whoever the link with this hash was sent to, as long as it works.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_link<'a>(hash: &'a [u8], now: DateTime<Utc>) -> _ {
    let disabled: UserStatus = UserStatus::Disabled;
    users::table
        .filter(users::reset_token_hash.eq(hash))
        .filter(users::reset_expires_at.gt(now))
        .filter(users::status.ne(disabled))
}

/// Spends the link. Of two who come with it at once, the second finds it spent.
async fn set(
    conn: &mut AsyncPgConnection,
    hash: &[u8],
    password_hash: &str,
    act: &Act,
) -> Result<(User, i32), ResetError> {
    let proven = (
        users::status.eq(UserStatus::Active),
        users::verify_token_hash.eq(None::<Vec<u8>>),
        users::verify_expires_at.eq(None::<DateTime<Utc>>),
    );
    let version = users::password_version.eq(users::password_version + 1);
    let new = NewPassword { password_hash, updated_at: act.now };
    diesel::update(with_link(hash, act.now))
        .set((EndedLinks::default(), new, version, proven))
        .returning((User::as_returning(), users::password_version))
        .get_result(conn)
        .await
        .optional()?
        .ok_or(ResetError::InvalidToken)
}

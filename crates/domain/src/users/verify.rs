use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::{OpenedSession, Session, User, UserStatus, token};
use crate::{act::Act, schema::users};

/// Why an address was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The link is unknown, used, replaced by a newer one or older than 48 hours.
    #[error("the link does not work")]
    InvalidToken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl User {
    /// Proves the address by the token of a link, once, and opens the first session.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify(
        conn: &mut AsyncPgConnection,
        token: &str,
        user_agent: Option<&str>,
        act: &Act,
    ) -> Result<OpenedSession, VerifyError> {
        conn.transaction(async |conn| {
            let pending = users::table
                .filter(users::verify_token_hash.eq(token::hash(token)))
                .filter(users::verify_expires_at.gt(act.now))
                .filter(users::status.eq(UserStatus::Unverified));
            let user: Self = diesel::update(pending)
                .set((
                    users::status.eq(UserStatus::Active),
                    users::verify_token_hash.eq(None::<Vec<u8>>),
                    users::verify_expires_at.eq(None::<chrono::DateTime<chrono::Utc>>),
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

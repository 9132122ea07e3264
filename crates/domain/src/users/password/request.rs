use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::UserId;

use super::{
    link::{ResetLink, VALID},
    note,
};
use crate::{
    act::Act,
    db::{Db, DbUnavailable},
    emails::EmailTemplate,
    schema::users,
    text::{self, FieldProblem},
    users::{Overloaded, Passwords, Secrets, User, UserStatus, folded, verification::send},
};

/// Within this time after a link was sent no other is: whoever asks twice has one email, and its link works.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// Why no link was asked for. Does not depend on whether the address is known.
#[derive(Debug, thiserror::Error)]
pub enum RequestResetError {
    /// What was said is no address.
    #[error("invalid input")]
    Invalid(FieldProblem),
    /// Too many log-ins and registrations at this moment.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<DbUnavailable> for RequestResetError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

impl User {
    /// The dedupe key of the email that carries the link number `rotation` to another password.
    pub fn reset_key(user_id: UserId, rotation: i32) -> String {
        format!("password_reset:{user_id}:{rotation}")
    }

    /// Sends a link that lets the reader of this address choose another password, if it is that of a user who is not
    /// disabled. The answer is the same in every case, and takes about as long: a hash that nobody needs hides what the
    /// rest costs.
    ///
    /// # Errors
    /// [`RequestResetError`].
    pub async fn request_password_reset(
        db: &Db,
        (passwords, secrets): (&Passwords, &Secrets),
        email: &str,
        act: &Act,
    ) -> Result<(), RequestResetError> {
        let email = text::email(email)
            .map_err(|problem| RequestResetError::Invalid(FieldProblem::of("email", problem)))?;
        passwords.verify("", None).await?;
        let mut conn = db.get().await?;
        conn.transaction(async |conn| send_link(conn, &folded(&email), secrets, act).await).await?;
        Ok(())
    }
}

async fn send_link(
    conn: &mut AsyncPgConnection,
    email: &str,
    secrets: &Secrets,
    act: &Act,
) -> QueryResult<()> {
    let found: Option<(User, i32, Option<DateTime<Utc>>)> = users::table
        .filter(users::email.eq(email))
        .filter(users::status.ne(UserStatus::Disabled))
        .for_no_key_update()
        .select((User::as_select(), users::reset_rotation, users::reset_expires_at))
        .first(conn)
        .await
        .optional()?;
    let Some((user, rotation, expires_at)) = found else { return Ok(()) };
    if expires_at.is_some_and(|at| act.now < at - VALID + PAUSE) {
        return Ok(());
    }
    let link = ResetLink::new(secrets, user.id, rotation + 1, act.now);
    diesel::update(users::table.find(user.id)).set(&link).execute(conn).await?;
    let dedupe_key = User::reset_key(user.id, link.reset_rotation);
    send(conn, EmailTemplate::PasswordReset, user.id, dedupe_key, act).await?;
    note(conn, user.id, "passwordResetRequest", act).await
}

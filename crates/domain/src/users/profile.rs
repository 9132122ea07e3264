use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use ids::UserId;

use super::{Overloaded, Passwords, Secrets, User, UserStatus, folded, password::note};
use crate::{
    act::Act,
    db::{Db, DbUnavailable},
    schema::users,
    text::{self, Checks, FieldProblem},
};

/// What a user changes about themselves; what is `None` stays as it is.
#[derive(Clone, Default)]
pub struct ProfileChanges {
    /// What people call them: at most 200 characters, or nothing.
    pub name: Option<String>,
    /// BCP 47, e.g. `de-AT`.
    pub locale: Option<String>,
    /// Another address to log in with, from when it is proven.
    pub email: Option<String>,
    /// Their password, which another address needs.
    pub password: Option<String>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// Another address needs the password, and this is not it.
    #[error("the password is wrong")]
    WrongPassword,
    /// No such user any more, or they may not log in.
    #[error("no such user")]
    NotFound,
    /// Too many log-ins and registrations at this moment.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<DbUnavailable> for ProfileError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Row {
    name: Option<String>,
    locale: Option<String>,
    updated_at: DateTime<Utc>,
}

impl ProfileChanges {
    fn checked(&self, now: DateTime<Utc>) -> Result<(Row, Option<String>), Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let name = self.name.as_deref().map(|name| match name.trim() {
            "" => Ok(String::new()),
            name => text::line(name, 200),
        });
        let row = Row {
            name: name.and_then(|name| checks.take("name", name)),
            locale: self.locale.as_deref().map(text::locale).and_then(|said| checks.take("locale", said)),
            updated_at: now,
        };
        let email = self.email.as_deref().map(|email| text::email(email).map(|email| folded(&email)));
        let email = email.and_then(|email| checks.take("email", email));
        checks.done((row, email))
    }
}

impl User {
    /// Changes what a user says about themselves. Another address needs their password, and counts from when the link that
    /// goes there was followed.
    ///
    /// # Errors
    /// [`ProfileError`]; nothing was changed then.
    pub async fn update_profile(
        db: &Db,
        (passwords, secrets): (&Passwords, &Secrets),
        user_id: UserId,
        changes: &ProfileChanges,
        act: &Act,
    ) -> Result<Self, ProfileError> {
        let (row, email) = changes.checked(act.now).map_err(ProfileError::Invalid)?;
        let known = Self::find(&mut *db.get().await?, user_id).await?.ok_or(ProfileError::NotFound)?;
        let email = email.filter(|email| !known.has_email(email));
        let checked = match &email {
            None => None,
            Some(_) => {
                let password = changes.password.as_deref().unwrap_or_default();
                let found = Self::with_password::<ProfileError>(db, passwords, user_id, password);
                Some(found.await?.ok_or(ProfileError::WrongPassword)?.1)
            }
        };
        let mut conn = db.get().await?;
        conn.transaction(async |conn| {
            let locked = users::table.find(user_id).filter(users::status.eq(UserStatus::Active));
            let stored = locked.for_no_key_update().select(users::password_hash).first::<String>(conn);
            let stored = stored.await.optional()?.ok_or(ProfileError::NotFound)?;
            if checked.is_some_and(|checked| checked != stored) {
                return Err(ProfileError::WrongPassword);
            }
            let changed =
                diesel::update(users::table.find(user_id)).set(&row).returning(Self::as_returning());
            let user: Self = changed.get_result(conn).await?;
            note(conn, user_id, "profileUpdate", act).await?;
            let Some(email) = &email else { return Ok(user) };
            user.ask_for_email(conn, email, secrets, act).await?;
            Self::find(conn, user_id).await?.ok_or(ProfileError::NotFound)
        })
        .await
    }
}

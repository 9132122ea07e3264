use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::UserId;

use super::{User, UserStatus, founding::found_account};
use crate::{
    accounts::{Account, AccountChanges, AccountSettings},
    act::Act,
    schema::{members, users},
    scope::AccountScope,
    team::Role,
    text::FieldProblem,
};

/// The most accounts that one user owns: more are a mistake, or an abuse.
pub const MOST_ACCOUNTS: i64 = 50;

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// The user owns as many as is allowed.
    #[error("too many accounts")]
    TooMany,
    /// No such user any more, or they may not log in.
    #[error("no such user")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl User {
    /// Makes another account, which the user owns. Of the settings the name must be given.
    ///
    /// # Errors
    /// [`CreateAccountError`].
    pub async fn create_account(
        conn: &mut AsyncPgConnection,
        user_id: UserId,
        said: &AccountChanges,
        act: &Act,
    ) -> Result<Account, CreateAccountError> {
        let settings = AccountSettings::of(said).map_err(CreateAccountError::Invalid)?;
        conn.transaction(async |conn| {
            // One at a time, so that the count holds.
            let locked = users::table.find(user_id).filter(users::status.eq(UserStatus::Active));
            let user = locked.for_no_key_update().select(users::id).first::<UserId>(conn).await.optional()?;
            let user = user.ok_or(CreateAccountError::NotFound)?;
            let own = members::table.filter(members::user_id.eq(user)).filter(members::role.eq(Role::Owner));
            if own.count().get_result::<i64>(conn).await? >= MOST_ACCOUNTS {
                return Err(CreateAccountError::TooMany);
            }
            let id = found_account(conn, user, &settings, "accountCreate", act).await?;
            let made = Account::of_scope(conn, &AccountScope::whole(id)).await?;
            Ok(made.ok_or(diesel::result::Error::NotFound)?)
        })
        .await
    }
}

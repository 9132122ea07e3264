//! Passwords that are set anew: by the link of an email, or by whoever knows the present one.
//!
//! A new password ends what hung on the one before: sessions, the link of a reset, and a change of address that waits to be
//! proven. The user is told by email, in case that it was somebody else.

mod change;
mod link;
mod request;
mod reset;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use ids::UserId;

pub use change::{ChangePasswordError, PasswordChange};
pub(super) use link::EndedLinks;
pub use request::RequestResetError;
pub use reset::ResetError;

use super::verification::send;
use crate::{
    act::{Act, Actor},
    audit,
    emails::EmailTemplate,
    schema::users,
};

/// The changes of a row that gets a new password.
#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct NewPassword<'a> {
    password_hash: &'a str,
    updated_at: DateTime<Utc>,
}

/// Tells the user by email that their password is another one, and writes it into the trail of the instance.
async fn tell(
    conn: &mut AsyncPgConnection,
    (user_id, version): (UserId, i32),
    action: &str,
    act: &Act,
) -> QueryResult<()> {
    let dedupe_key = format!("password_changed:{user_id}:{version}");
    send(conn, EmailTemplate::PasswordChanged, user_id, dedupe_key, act).await?;
    note(conn, user_id, action, act).await
}

/// Writes what a user did about their log-in into the trail of the instance: it concerns no account.
pub(super) async fn note(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    action: &str,
    act: &Act,
) -> QueryResult<()> {
    let act = Act { actor: Actor::User(user_id), ..act.clone() };
    audit::record_for::<()>(conn, &act, None, action, user_id, (None, None)).await
}

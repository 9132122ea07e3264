use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use ids::UserId;

use crate::{
    schema::users,
    users::{Secrets, token},
};

/// How long the link of a reset works.
pub(super) const VALID: TimeDelta = TimeDelta::hours(1);

/// The link that lets its reader choose another password. At most one per user works: a new one ends the one before it.
#[derive(AsChangeset)]
#[diesel(table_name = users)]
pub(super) struct ResetLink {
    pub reset_rotation: i32,
    reset_token_hash: Option<Vec<u8>>,
    reset_expires_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

impl ResetLink {
    /// The link number `rotation` of a user, from now.
    pub(super) fn new(secrets: &Secrets, user_id: UserId, rotation: i32, now: DateTime<Utc>) -> Self {
        let token = secrets.reset_token(user_id, rotation);
        Self {
            reset_rotation: rotation,
            reset_token_hash: Some(token::hash(token.expose())),
            reset_expires_at: Some(now + VALID),
            updated_at: now,
        }
    }
}

/// The changes of a row whose links to another password or address end.
#[derive(AsChangeset, Default)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub(in crate::users) struct EndedLinks {
    reset_token_hash: Option<Vec<u8>>,
    reset_expires_at: Option<DateTime<Utc>>,
    new_email: Option<String>,
    email_token_hash: Option<Vec<u8>>,
    email_expires_at: Option<DateTime<Utc>>,
}

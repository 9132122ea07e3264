use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::UserId;

use super::{User, UserStatus, secrets::Secrets, token};
use crate::{
    act::Act,
    emails::{self, EmailTemplate, NewEmail, Recipient},
    schema::users,
};

/// How long a verification link works.
const VALID: TimeDelta = TimeDelta::hours(48);
/// A log-in with the right password sends an unverified user another link, but not more often than this.
const RESEND_AFTER: TimeDelta = TimeDelta::minutes(10);

/// The link that proves an address. At most one per user works: a new one ends the one before it.
#[derive(AsChangeset)]
#[diesel(table_name = users)]
pub(super) struct VerificationLink {
    pub verify_rotation: i32,
    pub verify_token_hash: Option<Vec<u8>>,
    pub verify_expires_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

impl VerificationLink {
    /// The link number `rotation` of a user, from now.
    pub fn new(secrets: &Secrets, user_id: UserId, rotation: i32, now: DateTime<Utc>) -> Self {
        let token = secrets.verification_token(user_id, rotation);
        Self {
            verify_rotation: rotation,
            verify_token_hash: Some(token::hash(token.expose())),
            verify_expires_at: Some(now + VALID),
            updated_at: now,
        }
    }

    /// Intends the email that carries the link.
    pub async fn send(&self, conn: &mut AsyncPgConnection, user_id: UserId, act: &Act) -> QueryResult<()> {
        let dedupe_key = format!("user_verify:{user_id}:{}", self.verify_rotation);
        send(conn, EmailTemplate::UserVerify, user_id, dedupe_key, act).await
    }
}

/// Intends the email that tells a user of an attempt to register their address; at most one an hour.
pub(super) async fn send_user_exists(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    act: &Act,
) -> QueryResult<()> {
    let dedupe_key = format!("user_exists:{user_id}:{}", act.now.format("%Y-%m-%dT%H"));
    send(conn, EmailTemplate::UserExists, user_id, dedupe_key, act).await
}

/// Intends an email to a user about their log-in.
pub(super) async fn send(
    conn: &mut AsyncPgConnection,
    template: EmailTemplate,
    user_id: UserId,
    dedupe_key: String,
    act: &Act,
) -> QueryResult<()> {
    let email = NewEmail {
        account_id: None,
        template,
        recipient: Recipient::User(user_id),
        subject: user_id.to_string(),
        dedupe_key,
    };
    emails::intend(conn, &act.ids, act.now, &[email]).await?;
    Ok(())
}

impl User {
    /// Sends an unverified user another link, in the caller's transaction, unless the last one is fresh.
    pub(super) async fn resend_link(
        conn: &mut AsyncPgConnection,
        user_id: UserId,
        secrets: &Secrets,
        act: &Act,
    ) -> QueryResult<()> {
        let unverified: Option<(i32, Option<DateTime<Utc>>)> = users::table
            .find(user_id)
            .filter(users::status.eq(UserStatus::Unverified))
            .for_no_key_update()
            .select((users::verify_rotation, users::verify_expires_at))
            .first(conn)
            .await
            .optional()?;
        let Some((rotation, expires_at)) = unverified else { return Ok(()) };
        if expires_at.is_some_and(|at| act.now < at - VALID + RESEND_AFTER) {
            return Ok(());
        }
        let link = VerificationLink::new(secrets, user_id, rotation + 1, act.now);
        diesel::update(users::table.find(user_id)).set(&link).execute(conn).await?;
        link.send(conn, user_id, act).await
    }
}

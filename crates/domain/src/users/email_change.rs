//! Another address for a user: asked for with the password, proven by the link that goes there and the password again. Until
//! then nothing changes. The address before is told of both.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::UserId;

use super::{
    Secrets, User, UserStatus, VerifyError,
    password::{EndedLinks, note},
    token,
    verification::{send, send_user_exists},
};
use crate::{act::Act, db, emails::EmailTemplate, schema::users};

/// How long the link works.
const VALID: TimeDelta = TimeDelta::hours(48);

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct EmailLink<'a> {
    new_email: &'a str,
    email_rotation: i32,
    email_token_hash: Vec<u8>,
    email_expires_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl User {
    /// The dedupe key of the email that carries the link number `rotation` to another address.
    pub fn email_change_key(user_id: UserId, rotation: i32) -> String {
        format!("email_change:{user_id}:{rotation}")
    }

    /// The dedupe key of the email that tells the address before the change number `number`, from 1, of it.
    pub fn email_changed_key(user_id: UserId, number: usize) -> String {
        format!("email_changed:{user_id}:{number}")
    }

    /// Sends the link to another address, and word of it to the present one, in the caller's transaction that holds the
    /// row; a link from before ends. If the address is somebody else's they are told instead, and nobody else.
    pub(super) async fn ask_for_email(
        &self,
        conn: &mut AsyncPgConnection,
        new_email: &str,
        secrets: &Secrets,
        act: &Act,
    ) -> QueryResult<()> {
        let row = users::table.find(self.id);
        let rotation: i32 = row.select(users::email_rotation).first::<i32>(conn).await? + 1;
        let token = secrets.email_token(self.id, rotation);
        let link = EmailLink {
            new_email,
            email_rotation: rotation,
            email_token_hash: token::hash(token.expose()),
            email_expires_at: act.now + VALID,
            updated_at: act.now,
        };
        diesel::update(row).set(&link).execute(conn).await?;
        match Self::find_by_email(conn, new_email).await? {
            Some(other) if other.status == UserStatus::Active => {
                send_user_exists(conn, other.id, act).await?
            }
            Some(other) if other.status == UserStatus::Disabled => {}
            Some(_) | None => {
                let dedupe_key = Self::email_change_key(self.id, rotation);
                send(conn, EmailTemplate::EmailChange, self.id, dedupe_key, act).await?;
            }
        }
        let dedupe_key = format!("email_change_asked:{}:{rotation}", self.id);
        send(conn, EmailTemplate::EmailChangeAsked, self.id, dedupe_key, act).await?;
        note(conn, self.id, "emailChangeAsk", act).await
    }

    /// Moves the user to the address that the link with this hash was sent to, in the caller's transaction; `None` if there
    /// is no such link any more, or their password is not the one that was checked. Who registered the address and never
    /// proved it gives way.
    pub(super) async fn change_email(
        conn: &mut AsyncPgConnection,
        (token_hash, password_hash): (&[u8], &str),
        act: &Act,
    ) -> Result<Option<Self>, VerifyError> {
        let linked = users::table
            .filter(users::email_token_hash.eq(token_hash))
            .filter(users::email_expires_at.gt(act.now))
            .filter(users::password_hash.eq(password_hash))
            .filter(users::status.eq(UserStatus::Active))
            .for_no_key_update()
            .select((Self::as_select(), users::former_emails));
        let found: Option<(Self, Vec<String>)> = linked.first(conn).await.optional()?;
        let Some((before, mut former)) = found else { return Ok(None) };
        let Some(new_email) = &before.new_email else { return Ok(None) };
        give_way(conn, new_email, act).await?;
        former.push(before.email.clone());
        let moved = (users::email.eq(new_email), users::former_emails.eq(&former));
        let after: Self = diesel::update(users::table.find(before.id))
            .set((moved, EndedLinks::default(), users::updated_at.eq(act.now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .map_err(|error| match db::violated_constraint(&error) {
                Some("users_email_key") => VerifyError::Taken,
                _ => error.into(),
            })?;
        let dedupe_key = Self::email_changed_key(after.id, former.len());
        send(conn, EmailTemplate::EmailChanged, after.id, dedupe_key, act).await?;
        note(conn, after.id, "emailChange", act).await?;
        Ok(Some(after))
    }
}

/// A registration that nobody proved does not keep the address from whoever reads its mail: it keeps an address that leads
/// nowhere, and nobody can log in to it.
async fn give_way(conn: &mut AsyncPgConnection, email: &str, act: &Act) -> QueryResult<()> {
    let unproven =
        users::table.filter(users::email.eq(email)).filter(users::status.eq(UserStatus::Unverified));
    let id: Option<UserId> = unproven.for_no_key_update().select(users::id).first(conn).await.optional()?;
    let Some(id) = id else { return Ok(()) };
    diesel::update(users::table.find(id))
        .set((
            EndedLinks::default(),
            users::email.eq(format!("{id}@replaced.invalid")),
            users::status.eq(UserStatus::Disabled),
            users::verify_token_hash.eq(None::<Vec<u8>>),
            users::verify_expires_at.eq(None::<DateTime<Utc>>),
            users::updated_at.eq(act.now),
        ))
        .execute(conn)
        .await?;
    note(conn, id, "userReplace", act).await
}

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::InviteId;

use super::{Invite, InviteDelivery, InviteStatus, create::members_of, model::VALID, worn_out::worn_out};
use crate::{
    act::Act,
    audit, db,
    events::{self, EventKind},
    schema::invites,
    scope::AccountScope,
    team::{
        GrantError, Permission,
        grantor::{self, Grantor},
    },
    users::{Secrets, token},
};

/// How often the email of an invite can be asked for, the first included.
pub const SENDS: i32 = 10;
/// The least time between two of them.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// Why an invite was not sent again.
#[derive(Debug, thiserror::Error)]
pub enum InviteResendError {
    /// No such invite in reach.
    #[error("no such invite")]
    NotFound,
    /// It was accepted or revoked.
    #[error("the invite is {current}")]
    WrongState {
        /// Where it stands.
        current: InviteStatus,
    },
    /// Its email was asked for less than a minute ago.
    #[error("too soon")]
    TooSoon {
        /// From when on it may be asked for again.
        again_at: DateTime<Utc>,
    },
    /// Its email was asked for as often as is allowed.
    #[error("too often")]
    TooOften,
    /// The account had so many emails sent to the address within a day, by this and other invites, that it gets no more.
    #[error("too many emails to the address")]
    Limited,
    /// It expired, and the address has another pending invite by now.
    #[error("the address has another pending invite")]
    Taken,
    /// It expired, and the address is that of a member by now.
    #[error("the address is that of a member")]
    Member,
    /// Nobody grants what they lack.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Invite {
    /// Sends an invite again, with a new link for another seven days; the link before is dead. One that expired is pending
    /// again. Whoever sends it again answers for it from then on.
    ///
    /// # Errors
    /// [`InviteResendError`].
    pub async fn resend(
        conn: &mut AsyncPgConnection,
        (scope, held): (&AccountScope, &[Permission]),
        id: InviteId,
        secrets: &Secrets,
        act: &Act,
    ) -> Result<Self, InviteResendError> {
        conn.transaction(async |conn| {
            grantor::lock(conn, scope.account_id).await?;
            let before = Self::find_locked(conn, scope, id).await?.ok_or(InviteResendError::NotFound)?;
            before.may_be_sent_again(act.now)?;
            Grantor::now(conn, scope, held, act).await?.may_grant(before.role, &before.programs)?;
            if !members_of(conn, before.account_id, &[&before.email]).await?.is_empty() {
                return Err(InviteResendError::Member);
            }
            if !worn_out(conn, before.account_id, &[&before.email], act.now).await?.is_empty() {
                return Err(InviteResendError::Limited);
            }
            let rotation = before.rotation + 1;
            let after: Self = diesel::update(invites::table.find(before.id))
                .set((
                    invites::status.eq(InviteStatus::Pending),
                    invites::rotation.eq(rotation),
                    invites::token_hash.eq(token::hash(secrets.invite_token(id, rotation).expose())),
                    invites::invited_by.eq(act.actor.to_string()),
                    invites::send_count.eq(before.send_count + 1),
                    invites::asked_at.eq(act.now),
                    invites::delivery.eq(InviteDelivery::Queued),
                    invites::delivery_error.eq(None::<String>),
                    invites::expires_at.eq(act.now + VALID),
                    invites::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await
                .map_err(|error| match db::violated_constraint(&error) {
                    Some("invites_pending_key") => InviteResendError::Taken,
                    _ => error.into(),
                })?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "inviteResend", after.id, change).await?;
            events::record(conn, act, &[after.event(EventKind::InviteResent)]).await?;
            Ok(after)
        })
        .await
    }

    fn may_be_sent_again(&self, now: DateTime<Utc>) -> Result<(), InviteResendError> {
        let again_at = self.asked_at + PAUSE;
        match self.status {
            current @ (InviteStatus::Accepted | InviteStatus::Revoked) => {
                Err(InviteResendError::WrongState { current })
            }
            _ if self.send_count >= SENDS => Err(InviteResendError::TooOften),
            _ if now < again_at => Err(InviteResendError::TooSoon { again_at }),
            _ => Ok(()),
        }
    }
}

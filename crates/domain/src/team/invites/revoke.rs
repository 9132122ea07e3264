use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::InviteId;

use super::{Invite, InviteStatus};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    schema::invites,
    scope::AccountScope,
    team::{
        Permission,
        grantor::{self, Grantor},
    },
};

/// Why an invite was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum InviteRevokeError {
    /// No such invite in reach.
    #[error("no such invite")]
    NotFound,
    /// It is not pending.
    #[error("the invite is {current}")]
    WrongState {
        /// Where it stands.
        current: InviteStatus,
    },
    /// It is to a role that may do more than whoever asks.
    #[error("the invite is beyond your reach")]
    BeyondReach,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Invite {
    /// Takes a pending invite back: its link is dead. Nobody takes back what they could not grant.
    ///
    /// # Errors
    /// [`InviteRevokeError`].
    pub async fn revoke(
        conn: &mut AsyncPgConnection,
        (scope, held): (&AccountScope, &[Permission]),
        id: InviteId,
        act: &Act,
    ) -> Result<Self, InviteRevokeError> {
        conn.transaction(async |conn| {
            grantor::lock(conn, scope.account_id).await?;
            let before = Self::find_locked(conn, scope, id).await?.ok_or(InviteRevokeError::NotFound)?;
            let grantor = Grantor::now(conn, scope, held, act).await?;
            if !grantor.holds(before.role.permissions()) {
                return Err(InviteRevokeError::BeyondReach);
            }
            let current = before.standing(act.now);
            if current != InviteStatus::Pending {
                return Err(InviteRevokeError::WrongState { current });
            }
            let mut revoked = revoke_all(conn, &[before], "inviteRevoke", act).await?;
            Ok(revoked.pop().ok_or(diesel::result::Error::NotFound)?)
        })
        .await
    }
}

/// Revokes pending invites of one account, in the caller's transaction that holds their rows.
pub(in crate::team) async fn revoke_all(
    conn: &mut AsyncPgConnection,
    pending: &[Invite],
    action: &str,
    act: &Act,
) -> QueryResult<Vec<Invite>> {
    let Some(first) = pending.first() else { return Ok(Vec::new()) };
    let ids: Vec<InviteId> = pending.iter().map(|invite| invite.id).collect();
    let rows =
        invites::table.filter(invites::account_id.eq(first.account_id)).filter(invites::id.eq_any(ids));
    let revoked: Vec<Invite> = diesel::update(rows)
        .set((invites::status.eq(InviteStatus::Revoked), invites::updated_at.eq(act.now)))
        .returning(Invite::as_returning())
        .get_results(conn)
        .await?;
    let before = |after: &Invite| pending.iter().find(|invite| invite.id == after.id);
    let changes: Vec<_> =
        revoked.iter().map(|after| (after.id.to_string(), before(after), Some(after))).collect();
    audit::record_all(conn, act, first.account_id, action, &changes).await?;
    let happened: Vec<_> = revoked.iter().map(|invite| invite.event(EventKind::InviteRevoked)).collect();
    events::record(conn, act, &happened).await?;
    Ok(revoked)
}

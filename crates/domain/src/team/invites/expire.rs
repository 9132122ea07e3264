use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, InviteId};

use super::{Invite, InviteStatus};
use crate::{
    act::Act,
    events::{self, EventKind},
    schema::invites,
};

/// The most invites of one transaction.
pub const EXPIRE_BATCH: i64 = 1_000;

impl Invite {
    /// Expires invites whose time has passed, the longest due first, in the caller's transaction; answers how many. Fewer
    /// than [`EXPIRE_BATCH`] means that none is left but those that somebody else holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn expire_due(conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<usize> {
        let due: Vec<InviteId> = invites::table
            .filter(invites::status.eq(InviteStatus::Pending))
            .filter(invites::expires_at.le(act.now))
            .order((invites::expires_at, invites::id))
            .limit(EXPIRE_BATCH)
            .for_no_key_update()
            .skip_locked()
            .select(invites::id)
            .load(conn)
            .await?;
        if due.is_empty() {
            return Ok(0);
        }
        let expired: Vec<Self> = diesel::update(invites::table.filter(invites::id.eq_any(due)))
            .set((invites::status.eq(InviteStatus::Expired), invites::updated_at.eq(act.now)))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        record(conn, &expired, act).await
    }

    /// The same for invites to these addresses, so that somebody else can be invited in their place at once.
    pub(super) async fn expire_of(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        emails: &[&str],
        act: &Act,
    ) -> QueryResult<()> {
        let due = invites::table
            .filter(invites::account_id.eq(account_id))
            .filter(invites::email.eq_any(emails))
            .filter(invites::status.eq(InviteStatus::Pending))
            .filter(invites::expires_at.le(act.now));
        let expired: Vec<Self> = diesel::update(due)
            .set((invites::status.eq(InviteStatus::Expired), invites::updated_at.eq(act.now)))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        record(conn, &expired, act).await?;
        Ok(())
    }
}

async fn record(conn: &mut AsyncPgConnection, expired: &[Invite], act: &Act) -> QueryResult<usize> {
    let happened: Vec<_> = expired.iter().map(|invite| invite.event(EventKind::InviteExpired)).collect();
    events::record(conn, act, &happened).await?;
    Ok(expired.len())
}

use std::collections::HashMap;

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
        expire(conn, due, act).await
    }

    /// The pending invites to these addresses, by their address, held until the transaction ends. Those whose time has passed
    /// expire, so that somebody can be invited in their place at once. Needs [`crate::team::grantor::lock`]: no other
    /// becomes pending meanwhile.
    pub(super) async fn hold_pending(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        emails: &[&str],
        act: &Act,
    ) -> QueryResult<HashMap<String, Self>> {
        // By their ids, as whoever notes what became of their emails holds them.
        let held: Vec<Self> = invites::table
            .filter(invites::account_id.eq(account_id))
            .filter(invites::email.eq_any(emails))
            .filter(invites::status.eq(InviteStatus::Pending))
            .order(invites::id)
            .for_no_key_update()
            .select(Self::as_select())
            .load(conn)
            .await?;
        let (due, pending): (Vec<Self>, Vec<Self>) =
            held.into_iter().partition(|invite| invite.expires_at <= act.now);
        expire(conn, due.iter().map(|invite| invite.id).collect(), act).await?;
        Ok(pending.into_iter().map(|invite| (invite.email.clone(), invite)).collect())
    }
}

/// Expires invites whose rows the transaction holds.
async fn expire(conn: &mut AsyncPgConnection, due: Vec<InviteId>, act: &Act) -> QueryResult<usize> {
    if due.is_empty() {
        return Ok(0);
    }
    let expired: Vec<Invite> = diesel::update(invites::table.filter(invites::id.eq_any(due)))
        .set((invites::status.eq(InviteStatus::Expired), invites::updated_at.eq(act.now)))
        .returning(Invite::as_returning())
        .get_results(conn)
        .await?;
    let happened: Vec<_> = expired.iter().map(|invite| invite.event(EventKind::InviteExpired)).collect();
    events::record(conn, act, &happened).await?;
    Ok(expired.len())
}

use diesel::{
    prelude::*,
    sql_types::{Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, RewardId, TypedId};

use super::{Reward, RewardStatus};
use crate::{
    act::Act,
    events::{self, EventKind},
    ledger::{self, Posting, TransferReason},
    schema::rewards,
};

/// The most rewards of one transaction.
pub const RELEASE_BATCH: i64 = 500;

impl Reward {
    /// Releases rewards whose hold has ended, the longest due first, in the caller's transaction; answers how many. Fewer
    /// than [`RELEASE_BATCH`] means that none is left but those that another run holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn release_due(conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<usize> {
        Self::release(conn, None, act).await
    }

    /// As [`Reward::release_due`], of one account: for history, whose `now` is not that of others.
    ///
    /// # Errors
    /// The database's.
    pub async fn release_due_of(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        act: &Act,
    ) -> QueryResult<usize> {
        Self::release(conn, Some(account_id), act).await
    }

    async fn release(
        conn: &mut AsyncPgConnection,
        whose: Option<AccountId>,
        act: &Act,
    ) -> QueryResult<usize> {
        let anybody = whose.into_sql::<Nullable<Uuid>>().is_null();
        let due: Vec<Self> = rewards::table
            .filter(rewards::status.eq(RewardStatus::Held))
            .filter(rewards::hold_until.le(act.now))
            .filter(anybody.or(rewards::account_id.nullable().eq(whose).assume_not_null()))
            .order((rewards::hold_until, rewards::id))
            .limit(RELEASE_BATCH)
            .for_update()
            .skip_locked()
            .select(Self::as_select())
            .load(conn)
            .await?;
        if due.is_empty() {
            return Ok(0);
        }
        let ids: Vec<RewardId> = due.iter().map(|reward| reward.id).collect();
        diesel::update(rewards::table.filter(rewards::id.eq_any(ids)))
            .set((
                rewards::status.eq(RewardStatus::Available),
                rewards::released_at.eq(act.now),
                rewards::updated_at.eq(act.now),
            ))
            .execute(conn)
            .await?;
        let postings: Vec<Posting> =
            due.iter().map(|reward| reward.posting(TransferReason::Released)).collect();
        ledger::post(conn, &postings, act).await?;
        let released: Vec<_> = due.iter().map(|reward| reward.event(EventKind::RewardReleased)).collect();
        events::record(conn, act, &released).await?;
        Ok(due.len())
    }

    /// The transfer of the whole amount for this reason.
    pub(super) fn posting(&self, reason: TransferReason) -> Posting {
        Posting {
            account_id: self.account_id,
            program_id: self.program_id,
            partner_id: self.partner_id,
            currency: self.currency,
            amount: self.amount,
            reason,
            source: self.id.uuid(),
        }
    }
}

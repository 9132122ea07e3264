use diesel::{
    dsl::{case_when, not},
    prelude::*,
    sql_types::{Nullable, Text, Uuid},
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
    /// Releases rewards whose hold has ended, the longest due first, in the caller's transaction: what is left of them becomes
    /// available. Answers how many. Fewer than [`RELEASE_BATCH`] means that none is left but those that another run holds.
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
            .filter(rewards::status.eq_any([RewardStatus::Held, RewardStatus::Reversed]))
            .filter(rewards::released_at.is_null())
            .filter(not(rewards::under_review))
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
        let available = RewardStatus::Available.as_str().into_sql::<Text>();
        let still = case_when(rewards::status.eq(RewardStatus::Held), available).otherwise(rewards::status);
        diesel::update(rewards::table.filter(rewards::id.eq_any(ids)))
            .set((
                rewards::status.eq(still),
                rewards::released_at.eq(act.now),
                rewards::released_net.eq(rewards::net.nullable()),
                rewards::updated_at.eq(act.now),
            ))
            .execute(conn)
            .await?;
        // Of what is reversed nothing is left to release, and nobody to tell: but what comes back later is available.
        let left: Vec<&Self> = due.iter().filter(|reward| reward.net > 0).collect();
        let posting = |reward: &&Self| reward.posting(TransferReason::Released);
        let postings: Vec<Posting> = left.iter().map(posting).collect::<QueryResult<_>>()?;
        ledger::post(conn, &postings, act).await?;
        let released: Vec<_> = left.iter().map(|reward| reward.event(EventKind::RewardReleased)).collect();
        events::record(conn, act, &released).await?;
        Ok(due.len())
    }

    /// The transfer of what is left of it for this reason.
    pub(super) fn posting(&self, reason: TransferReason) -> QueryResult<Posting> {
        Ok(Posting {
            account_id: self.account_id,
            program_id: self.program_id,
            owner: self.owner()?,
            currency: self.currency,
            amount: self.net,
            reason,
            source: self.id.uuid(),
        })
    }
}

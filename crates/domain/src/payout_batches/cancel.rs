use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use ids::{PayoutBatchId, PayoutId};

use super::{BatchStatus, CancelBatch, PayoutBatch, PayoutBatchAction};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    ledger::TransferReason,
    payouts::{Payout, PayoutStatus, give_back},
    schema::{payout_batches, payouts},
    scope::AccountScope,
};

/// Payouts that are given back in one transaction.
const RANGE: i64 = 250;
/// Items that are given back in one transaction, if one payout has no more. With more of them nothing is given back while somebody
/// waits for the answer.
pub(super) const ITEMS_AT_ONCE: i64 = 10_000;

/// Why a batch was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// No such batch in reach.
    #[error("no such batch")]
    NotFound,
    /// Something of it was sent, or it has ended. Of a batch that is executed, what the provider refused can be cancelled.
    #[error("the batch is {current}")]
    WrongState {
        /// Where it stands.
        current: BatchStatus,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PayoutBatch {
    /// Cancels a batch of which nothing was sent: everything of it is available again, of a large one as jobs get to it. Of a batch
    /// that is executed it cancels
    /// what the provider refused as a whole, once nothing that the provider keeps of it can be paid any more.
    ///
    /// # Errors
    /// [`CancelError`].
    pub async fn cancel(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PayoutBatchId,
        act: &Act,
    ) -> Result<Self, CancelError> {
        conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, id).await?.ok_or(CancelError::NotFound)?;
            match before.status {
                _ if PayoutBatchAction::Cancel.allowed_for(&before) => {}
                BatchStatus::Executing if before.abandon(conn, act).await? => {
                    return Self::find(conn, scope, id).await?.ok_or(CancelError::NotFound);
                }
                current => return Err(CancelError::WrongState { current }),
            }
            let after: Self = diesel::update(payout_batches::table.find(id))
                .set((
                    payout_batches::status.eq(BatchStatus::Cancelled),
                    payout_batches::ended_at.eq(act.now),
                    payout_batches::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "payoutBatchCancel", id, change).await?;
            events::record(conn, act, &[after.event(EventKind::PayoutBatchCancelled)]).await?;
            let job = CancelBatch { account_id: after.account_id, batch_id: id };
            let items: Option<i64> = payouts::table
                .filter(payouts::account_id.eq(after.account_id))
                .filter(payouts::batch_id.eq(id))
                .select(diesel::dsl::sum(payouts::items))
                .first(conn)
                .await?;
            match items.unwrap_or(0) > ITEMS_AT_ONCE {
                true => queue::enqueue(conn, act.now, &act.ids, &[after.job(&job, act)]).await.map(|_| ())?,
                false => Self::cancel_range(conn, &job, act).await?,
            }
            Self::find(conn, scope, id).await?.ok_or(CancelError::NotFound)
        })
        .await
    }

    /// Gives back the next payouts of a cancelled batch, in the caller's transaction, and goes on by another job.
    ///
    /// # Errors
    /// The database's.
    pub async fn cancel_range(conn: &mut AsyncPgConnection, job: &CancelBatch, act: &Act) -> QueryResult<()> {
        let batch = Self::lock_all(conn, job.account_id, &[job.batch_id]).await?.pop();
        let Some(mut batch) = batch.filter(|batch| batch.status == BatchStatus::Cancelled) else {
            return Ok(());
        };
        // A partner may have very many rewards.
        conn.batch_execute("SET LOCAL statement_timeout = '50s'").await?;
        let mut range: Vec<Payout> = payouts::table
            .filter(payouts::account_id.eq(batch.account_id))
            .filter(payouts::batch_id.eq(batch.id))
            .filter(payouts::status.eq(PayoutStatus::Batched))
            .order(payouts::id)
            .limit(RANGE)
            .for_no_key_update()
            .select(Payout::as_select())
            .load(conn)
            .await?;
        let all = range.len();
        range.truncate(fitting(&range));
        batch.take_back(conn, &range, act).await?;
        diesel::update(payout_batches::table.find(batch.id))
            .set(payout_batches::cancelled.eq(batch.cancelled))
            .execute(conn)
            .await?;
        if range.len() == all && i64::try_from(all).unwrap_or(RANGE) < RANGE {
            return Ok(());
        }
        queue::enqueue(conn, act.now, &act.ids, &[batch.job(job, act)]).await.map(|_| ())
    }

    pub(super) async fn take_back(
        &mut self,
        conn: &mut AsyncPgConnection,
        range: &[Payout],
        act: &Act,
    ) -> QueryResult<()> {
        give_back(conn, range, TransferReason::Unreserved, act).await?;
        let ids: Vec<PayoutId> = range.iter().map(|payout| payout.id).collect();
        let mut cancelled: Vec<Payout> = diesel::update(payouts::table.filter(payouts::id.eq_any(ids)))
            .set((
                payouts::status.eq(PayoutStatus::Cancelled),
                payouts::ended_at.eq(act.now),
                payouts::updated_at.eq(act.now),
            ))
            .returning(Payout::as_returning())
            .get_results(conn)
            .await?;
        cancelled.sort_unstable_by_key(|payout| payout.id);
        self.cancelled += i32::try_from(cancelled.len()).unwrap_or(i32::MAX);
        events::record(conn, act, &cancelled.iter().map(Payout::event).collect::<Vec<_>>()).await
    }
}

/// How many of these are given back at once: at least one.
fn fitting(range: &[Payout]) -> usize {
    let mut items = 0;
    let fits = |payout: &&Payout| {
        items += i64::from(payout.items);
        items <= ITEMS_AT_ONCE
    };
    range.iter().take_while(fits).count().max(1)
}

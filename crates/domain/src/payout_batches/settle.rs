use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PayoutBatchId, PayoutId, PayoutSubmissionId};
use money::Money;

use super::{
    BatchStatus, PayoutBatch, SubmissionStatus,
    ends::{End, write_down},
};
use crate::{
    act::Act,
    events::{self, EventKind},
    ledger::TransferReason,
    payouts::{Payout, PayoutStatus, end},
    schema::{payout_batches, payout_submissions, payouts},
    scope::AccountScope,
};

/// What became of a payout that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Paid {
        /// What the provider calls it.
        reference: Option<String>,
        /// What it charged.
        fee: Option<Money>,
    },
    /// It could not be made, or came back: its amount is available again.
    Failed {
        /// The provider's word.
        code: String,
        /// What it said, at most 500 characters, without personal data.
        reason: String,
    },
}

/// What became of one payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The payout.
    pub payout_id: PayoutId,
    /// What became of it.
    pub verdict: Verdict,
}

/// Brings payouts of an account to their end, in the caller's transaction: those on their way are paid or fail, and those that
/// were paid come back. What has ended already stays, so that the same news twice has one effect. Answers what changed.
///
/// # Errors
/// The database's.
pub async fn settle(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    settlements: &[Settlement],
    act: &Act,
) -> QueryResult<Vec<Payout>> {
    let said: BTreeMap<PayoutId, &Verdict> =
        settlements.iter().map(|one| (one.payout_id, &one.verdict)).collect();
    let ids: Vec<PayoutId> = said.keys().copied().collect();
    let batches: Vec<Option<PayoutBatchId>> = payouts::table
        .filter(payouts::account_id.eq(account_id))
        .filter(payouts::id.eq_any(&ids))
        .select(payouts::batch_id)
        .distinct()
        .load(conn)
        .await?;
    let batches: Vec<PayoutBatchId> = batches.into_iter().flatten().collect();
    let mut batches = PayoutBatch::lock_all(conn, account_id, &batches).await?;
    let locked = Payout::find_locked(conn, &AccountScope::whole(account_id), &ids).await?;
    let became: Vec<(Payout, PayoutStatus)> = locked
        .into_iter()
        .filter_map(|payout| becomes(payout.status, said.get(&payout.id)?).map(|status| (payout, status)))
        .collect();
    let moves: Vec<_> = became.iter().map(|(payout, status)| (payout, reason(*status))).collect();
    end(conn, &moves, act).await?;
    let ends: Vec<End> = became
        .iter()
        .filter_map(|(before, status)| Some(End::of(before, *status, said.get(&before.id)?)))
        .collect();
    for ended in &ends {
        if let Some(batch) = batches.iter_mut().find(|batch| Some(batch.id) == ended.batch_id) {
            batch.counted(ended.was, ended.status);
        }
    }
    let changed = write_down(conn, &ends, act).await?;
    events::record(conn, act, &changed.iter().map(Payout::event).collect::<Vec<_>>()).await?;
    let through: BTreeSet<PayoutSubmissionId> = changed.iter().filter_map(|one| one.submission_id).collect();
    end_submissions(conn, account_id, &through, act).await?;
    for batch in &batches {
        batch.end_if_through(conn, act).await?;
    }
    Ok(changed)
}

/// Where a payout that stands there ends; none if it has ended so already.
fn becomes(status: PayoutStatus, verdict: &Verdict) -> Option<PayoutStatus> {
    match (status, verdict) {
        (PayoutStatus::Sending, Verdict::Paid { .. }) => Some(PayoutStatus::Paid),
        (PayoutStatus::Sending, Verdict::Failed { .. }) => Some(PayoutStatus::Failed),
        (PayoutStatus::Paid, Verdict::Failed { .. }) => Some(PayoutStatus::Returned),
        _ => None,
    }
}

/// Why its amount moves when it ends so.
fn reason(status: PayoutStatus) -> TransferReason {
    match status {
        PayoutStatus::Paid => TransferReason::Paid,
        PayoutStatus::Returned => TransferReason::Returned,
        _ => TransferReason::Unreserved,
    }
}

/// Submissions of which nothing is on its way any more are done.
async fn end_submissions(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    submissions: &BTreeSet<PayoutSubmissionId>,
    act: &Act,
) -> QueryResult<()> {
    let open = payouts::table
        .filter(payouts::account_id.eq(account_id))
        .filter(payouts::submission_id.eq_any(submissions).assume_not_null())
        .filter(payouts::status.eq(PayoutStatus::Sending))
        .select(payouts::submission_id.assume_not_null());
    diesel::update(payout_submissions::table)
        .filter(payout_submissions::account_id.eq(account_id))
        .filter(payout_submissions::id.eq_any(submissions))
        .filter(diesel::dsl::not(payout_submissions::id.eq_any(open)))
        .set((
            payout_submissions::status.eq(SubmissionStatus::Done),
            payout_submissions::updated_at.eq(act.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

impl PayoutBatch {
    fn counted(&mut self, from: PayoutStatus, to: PayoutStatus) {
        self.paid -= i32::from(from == PayoutStatus::Paid);
        self.paid += i32::from(to == PayoutStatus::Paid);
        self.failed += i32::from(to != PayoutStatus::Paid);
    }

    /// Writes down how far it is, and ends it when each of its payouts has ended.
    pub(super) async fn end_if_through(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<()> {
        let ends = self.is_through() && self.status == BatchStatus::Executing;
        let status = match (self.is_through(), self.failed + self.cancelled) {
            (false, _) => self.status,
            (true, 0) => BatchStatus::Completed,
            (true, _) => BatchStatus::PartlyFailed,
        };
        let after: Self = diesel::update(payout_batches::table.find(self.id))
            .set((
                payout_batches::status.eq(status),
                payout_batches::paid.eq(self.paid),
                payout_batches::failed.eq(self.failed),
                payout_batches::cancelled.eq(self.cancelled),
                ends.then(|| payout_batches::ended_at.eq(act.now)),
                payout_batches::updated_at.eq(act.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        if ends {
            events::record(conn, act, &[after.event(EventKind::PayoutBatchCompleted)]).await?;
        }
        Ok(())
    }
}

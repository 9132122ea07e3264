use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::PayoutId;
use serde::Serialize;

use super::{Payout, PayoutAction, PayoutStatus, give_back};
use crate::{
    act::Act,
    audit, events,
    ledger::TransferReason,
    schema::payouts,
    scope::AccountScope,
    text::{self, TextProblem},
};

/// What is decided about requested payouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is paid with the next batch.
    Approve,
    /// It is not paid; its amount is available again.
    Reject {
        /// 1 to 500 characters, which the partner is told.
        reason: String,
    },
    /// Something is to be changed first.
    RequestChanges {
        /// 1 to 500 characters, which the partner is told.
        reason: String,
    },
    /// Whoever asked takes it back before it is approved; its amount is available again.
    Withdraw,
    /// It is taken back; its amount is available again.
    Cancel,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// No such payout in reach.
    #[error("no such payout")]
    NotFound(PayoutId),
    /// The decision does not start from the present state.
    #[error("the payout is {current}")]
    WrongState {
        /// Which payout.
        payout_id: PayoutId,
        /// Where it stands.
        current: PayoutStatus,
    },
    /// The reason is refused.
    #[error("invalid reason")]
    Reason(TextProblem),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What the audit trail keeps.
#[derive(Serialize)]
struct Noted<'a> {
    status: PayoutStatus,
    reason: Option<&'a str>,
}

impl Decision {
    fn action(&self) -> PayoutAction {
        match self {
            Self::Approve => PayoutAction::Approve,
            Self::Reject { .. } => PayoutAction::Reject,
            Self::RequestChanges { .. } => PayoutAction::RequestChanges,
            Self::Withdraw => PayoutAction::Withdraw,
            Self::Cancel => PayoutAction::Cancel,
        }
    }

    /// Where the payout stands then, and what the trail calls it.
    fn outcome(&self) -> (PayoutStatus, &'static str) {
        match self {
            Self::Approve => (PayoutStatus::Approved, "payoutApprove"),
            Self::Reject { .. } => (PayoutStatus::Rejected, "payoutReject"),
            Self::RequestChanges { .. } => (PayoutStatus::NeedsChanges, "payoutRequestChanges"),
            Self::Withdraw => (PayoutStatus::Cancelled, "payoutWithdraw"),
            Self::Cancel => (PayoutStatus::Cancelled, "payoutCancel"),
        }
    }

    fn checked(&self) -> Result<Option<String>, DecideError> {
        match self {
            Self::Approve | Self::Withdraw | Self::Cancel => Ok(None),
            Self::Reject { reason } | Self::RequestChanges { reason } => {
                text::line(reason, 500).map(Some).map_err(DecideError::Reason)
            }
        }
    }
}

impl Payout {
    /// Decides alike about these payouts: about all of them or, if one cannot be decided about like that, about none.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn decide(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PayoutId],
        decision: &Decision,
        act: &Act,
    ) -> Result<Vec<Self>, DecideError> {
        let reason = decision.checked()?;
        conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, ids).await?;
            if let Some(missing) = ids.iter().find(|id| !before.iter().any(|payout| payout.id == **id)) {
                return Err(DecideError::NotFound(*missing));
            }
            if let Some(wrong) = before.iter().find(|payout| !decision.action().allowed_from(payout.status)) {
                return Err(DecideError::WrongState { payout_id: wrong.id, current: wrong.status });
            }
            let (status, action) = decision.outcome();
            if !status.is_live() {
                give_back(conn, &before, TransferReason::Unreserved, act).await?;
            }
            let after = store(conn, &before, (status, reason.as_deref()), act).await?;
            let was: Vec<_> = before.iter().map(|one| Noted { status: one.status, reason: None }).collect();
            let is = Noted { status, reason: reason.as_deref() };
            let changes: Vec<_> = before
                .iter()
                .zip(&was)
                .map(|(one, was)| (one.id.to_string(), Some(was), Some(&is)))
                .collect();
            audit::record_all(conn, act, scope.account_id, action, &changes).await?;
            events::record(conn, act, &after.iter().map(Self::event).collect::<Vec<_>>()).await?;
            Ok(after)
        })
        .await
    }
}

/// Writes down where payouts stand; answers in the order of ids.
async fn store(
    conn: &mut AsyncPgConnection,
    before: &[Payout],
    (status, reason): (PayoutStatus, Option<&str>),
    act: &Act,
) -> QueryResult<Vec<Payout>> {
    let approved = (status == PayoutStatus::Approved).then(|| (act.actor.to_string(), act.now));
    let (approved_by, approved_at) = approved.unzip();
    let ended_at = (!status.is_live()).then_some(act.now);
    let mut after: Vec<Payout> = diesel::update(payouts::table)
        .filter(payouts::id.eq_any(before.iter().map(|payout| payout.id)))
        .set((
            payouts::status.eq(status),
            payouts::reason.eq(reason),
            approved_by.map(|by| payouts::approved_by.eq(by)),
            approved_at.map(|at| payouts::approved_at.eq(at)),
            payouts::ended_at.eq(ended_at),
            payouts::updated_at.eq(act.now),
        ))
        .returning(Payout::as_returning())
        .get_results(conn)
        .await?;
    after.sort_unstable_by_key(|payout| payout.id);
    Ok(after)
}

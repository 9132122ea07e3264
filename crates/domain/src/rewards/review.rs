use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::RewardId;
use serde::Serialize;

use super::{Reward, RewardStatus, count::count_reward, spend::spend};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    ledger::{self, TransferReason},
    programs::{Cursor, Program},
    schema::{programs, rewards},
    scope::AccountScope,
    text::{self, TextProblem},
};

/// A person's decision about a reward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// A reward under review is held like any other.
    Approve,
    /// A reward under review or held is rejected, for a reason of 1 to 500 characters.
    Reject {
        /// Kept in the audit trail.
        reason: String,
    },
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// No such reward in reach.
    #[error("no such reward")]
    NotFound,
    /// The decision does not start from the present state.
    #[error("the reward is {current}")]
    WrongState {
        /// Where the reward stands.
        current: RewardStatus,
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
struct Decision<'a> {
    status: RewardStatus,
    reason: Option<&'a str>,
}

impl Review {
    fn allowed_from(&self, status: RewardStatus) -> bool {
        match self {
            Self::Approve => status == RewardStatus::PendingReview,
            Self::Reject { .. } => matches!(status, RewardStatus::PendingReview | RewardStatus::Held),
        }
    }

    fn outcome(&self) -> (RewardStatus, EventKind, &'static str) {
        match self {
            Self::Approve => (RewardStatus::Held, EventKind::RewardApproved, "rewardApprove"),
            Self::Reject { .. } => (RewardStatus::Rejected, EventKind::RewardRejected, "rewardReject"),
        }
    }

    fn checked_reason(&self) -> Result<Option<String>, ReviewError> {
        match self {
            Self::Approve => Ok(None),
            Self::Reject { reason } => text::line(reason, 500).map(Some).map_err(ReviewError::Reason),
        }
    }
}

impl Reward {
    /// Decides about the reward `id`. Approval does not make its sale qualified; a rejection moves what is left of the amount back,
    /// for good.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn review(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: RewardId,
        review: &Review,
        act: &Act,
    ) -> Result<Self, ReviewError> {
        let reason = review.checked_reason()?;
        conn.transaction(async |conn| {
            let seen = Self::find(conn, scope, id).await?.ok_or(ReviewError::NotFound)?;
            // What changes a net locks the program's cursor first, then the reward, then the balance.
            let cursor = Cursor::lock(conn, seen.program_id).await?;
            let before: Self =
                rewards::table.find(seen.id).for_update().select(Self::as_select()).first(conn).await?;
            if !review.allowed_from(before.status) {
                return Err(ReviewError::WrongState { current: before.status });
            }
            let (status, kind, action) = review.outcome();
            if status == RewardStatus::Rejected {
                ledger::post(conn, &[before.posting(TransferReason::Rejected)?], act).await?;
                before.discount(conn).await?;
                spend(conn, &cursor, &before, -before.net).await?;
            }
            let left = if status == RewardStatus::Rejected { 0 } else { before.net };
            let after: Self = diesel::update(rewards::table.find(before.id))
                .set((
                    rewards::status.eq(status),
                    rewards::net.eq(left),
                    rewards::under_review.eq(false),
                    rewards::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let (was, is) = (
                Decision { status: before.status, reason: None },
                Decision { status, reason: reason.as_deref() },
            );
            audit::record(conn, act, after.account_id, action, after.id, (Some(&was), Some(&is))).await?;
            events::record(conn, act, &[after.event(kind)]).await?;
            Ok(after)
        })
        .await
    }

    /// Takes what is left of it off the figures.
    async fn discount(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        let program: Program =
            programs::table.find(self.program_id).select(Program::as_select()).first(conn).await?;
        let mut deltas = program.deltas();
        count_reward(&mut deltas, self, -self.net);
        deltas.append(conn).await
    }
}

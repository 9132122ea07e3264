use std::collections::{BTreeMap, HashMap};

use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::{ProgramId, RewardId};

use super::{Reward, RewardStatus, decide::decide};
use crate::{
    act::Act,
    events::EventKind,
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

impl Review {
    /// From which states a reward can be decided about like this.
    pub(crate) fn allowed_from(&self) -> &'static [RewardStatus] {
        match self {
            Self::Approve => &[RewardStatus::PendingReview],
            Self::Reject { .. } => &[RewardStatus::PendingReview, RewardStatus::Held],
        }
    }

    pub(super) fn outcome(&self) -> (RewardStatus, EventKind, &'static str) {
        match self {
            Self::Approve => (RewardStatus::Held, EventKind::RewardApproved, "rewardApprove"),
            Self::Reject { .. } => (RewardStatus::Rejected, EventKind::RewardRejected, "rewardReject"),
        }
    }

    /// What was said, if anything.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Approve => None,
            Self::Reject { reason } => Some(reason),
        }
    }

    /// The same with its reason as it is kept.
    ///
    /// # Errors
    /// [`ReviewError::Reason`].
    pub(crate) fn checked(&self) -> Result<Self, ReviewError> {
        match self {
            Self::Approve => Ok(Self::Approve),
            Self::Reject { reason } => {
                text::line(reason, 500).map(|reason| Self::Reject { reason }).map_err(ReviewError::Reason)
            }
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
        let decided = Self::review_these(conn, scope, &[id], review, act).await?.pop();
        decided.unwrap_or(Err(ReviewError::NotFound))
    }

    /// Decides about each of these rewards, those of one program in one transaction; answers in the order of the ids with the
    /// reward as it is now, or why it stays as it was: that is no obstacle to the others.
    ///
    /// # Errors
    /// [`ReviewError`]; what was decided of other programs stays.
    pub async fn review_these(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[RewardId],
        review: &Review,
        act: &Act,
    ) -> Result<Vec<Result<Self, ReviewError>>, ReviewError> {
        let review = review.checked()?;
        let mut programs: BTreeMap<ProgramId, Vec<(RewardId, ProgramId)>> = BTreeMap::new();
        for seen in Self::find_all(conn, scope, ids).await? {
            programs.entry(seen.program_id).or_default().push((seen.id, seen.program_id));
        }
        let mut decided = HashMap::new();
        for seen in programs.values() {
            decided.extend(
                conn.transaction(async |conn| {
                    decide(conn, seen, (&review, review.allowed_from()), act).await
                })
                .await?,
            );
        }
        let answer = |id: &RewardId| match decided.get(id) {
            None => Err(ReviewError::NotFound),
            Some(Ok(reward)) => Ok(Self::clone(reward)),
            Some(Err(current)) => Err(ReviewError::WrongState { current: *current }),
        };
        Ok(ids.iter().map(answer).collect())
    }
}

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::max, prelude::*};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{PayoutBatchId, PayoutId, PayoutSubmissionId};
use serde::Serialize;

use super::{PayoutBatch, Rail, Settlement, Verdict, settle};
use crate::{
    act::Act,
    audit,
    payouts::{Payout, PayoutStatus},
    schema::payout_attempts,
    scope::AccountScope,
    text::{self, TextProblem},
};

/// Why nothing was settled.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    /// No such payout in reach.
    #[error("no such payout")]
    NotFound(PayoutId),
    /// It is neither on its way nor paid, or ended otherwise before.
    #[error("the payout is {current}")]
    WrongState {
        /// Which payout.
        payout_id: PayoutId,
        /// Where it stands.
        current: PayoutStatus,
    },
    /// The provider says what became of it, not a person; for 29 days after it was asked last.
    #[error("{rail} tells itself")]
    ToldByProvider {
        /// Which payout.
        payout_id: PayoutId,
        /// Its rail.
        rail: Rail,
    },
    /// A text is refused.
    #[error("invalid {field}")]
    Text {
        /// Which field.
        field: &'static str,
        /// Why.
        problem: TextProblem,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(Serialize)]
struct Noted {
    status: PayoutStatus,
}

impl Verdict {
    fn checked(&self) -> Result<(), HandError> {
        let check = |field, text: &str, limit| {
            text::line(text, limit).map(|_| ()).map_err(|problem| HandError::Text { field, problem })
        };
        match self {
            Self::Paid { reference, .. } => {
                reference.iter().try_for_each(|text| check("reference", text, 255))
            }
            Self::Failed { code, reason } => {
                check("code", code, 100)?;
                check("reason", reason, 500)
            }
        }
    }

    /// Whether a payout that stands there has ended so already.
    pub(super) fn is_told_of(&self, status: PayoutStatus) -> bool {
        match self {
            Self::Paid { .. } => status == PayoutStatus::Paid,
            Self::Failed { .. } => matches!(status, PayoutStatus::Failed | PayoutStatus::Returned),
        }
    }

    /// Whether a payout that stands there can still end so.
    pub(super) fn can_be_told_of(&self, status: PayoutStatus) -> bool {
        status == PayoutStatus::Sending
            || (status == PayoutStatus::Paid && matches!(self, Self::Failed { .. }))
    }
}

/// After so long nobody is asked any more what became of a submission: PayPal knows its references for 30 days.
const ASKED_FOR: TimeDelta = TimeDelta::days(29);

/// Of these submissions those whose last attempt is so long ago that a person must say what the provider does not.
async fn silent(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    submissions: &[PayoutSubmissionId],
    now: DateTime<Utc>,
) -> QueryResult<Vec<PayoutSubmissionId>> {
    payout_attempts::table
        .filter(payout_attempts::account_id.eq(scope.account_id))
        .filter(payout_attempts::submission_id.eq_any(submissions))
        .group_by(payout_attempts::submission_id)
        .having(max(payout_attempts::asked_at).lt(now - ASKED_FOR))
        .select(payout_attempts::submission_id)
        .load(conn)
        .await
}

/// Settles payouts as a person, or a file that a person brings, says: of batches that no provider tells of, or no more. All of them or, if
/// one cannot be settled so, none; the same again changes nothing. Answers with the payouts as they are then.
///
/// # Errors
/// [`HandError`].
pub async fn settle_by_hand(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    settlements: &[Settlement],
    act: &Act,
) -> Result<Vec<Payout>, HandError> {
    settlements.iter().try_for_each(|one| one.verdict.checked())?;
    conn.transaction(async |conn| {
        let ids: Vec<PayoutId> = settlements.iter().map(|one| one.payout_id).collect();
        let before = Payout::find_all(conn, scope, &ids).await?;
        // Locked, so that nobody begins to send what a person is about to settle.
        let batches: Vec<PayoutBatchId> = before.iter().filter_map(|payout| payout.batch_id).collect();
        let batches = PayoutBatch::lock_all(conn, scope.account_id, &batches).await?;
        let rails: Vec<(Option<PayoutBatchId>, Rail)> =
            batches.iter().map(|batch| (Some(batch.id), batch.rail)).collect();
        let submissions: Vec<_> = before.iter().filter_map(|payout| payout.submission_id).collect();
        let silent = silent(conn, scope, &submissions, act.now).await?;
        for one in settlements {
            let payout_id = one.payout_id;
            let payout = before.iter().find(|payout| payout.id == payout_id);
            let payout = payout.ok_or(HandError::NotFound(payout_id))?;
            let rail = rails.iter().find(|(batch, _)| *batch == payout.batch_id).map(|(_, rail)| *rail);
            let rail = rail.filter(|rail| rail.is_called());
            let is_silent = silent.iter().any(|silent| Some(*silent) == payout.submission_id);
            if let Some(rail) = rail.filter(|_| !is_silent) {
                return Err(HandError::ToldByProvider { payout_id, rail });
            }
            if !one.verdict.is_told_of(payout.status) && !one.verdict.can_be_told_of(payout.status) {
                return Err(HandError::WrongState { payout_id, current: payout.status });
            }
        }
        let changed = settle(conn, scope.account_id, settlements, act).await?;
        let was: Vec<Noted> = changed
            .iter()
            .filter_map(|after| before.iter().find(|before| before.id == after.id))
            .map(|before| Noted { status: before.status })
            .collect();
        let is: Vec<Noted> = changed.iter().map(|after| Noted { status: after.status }).collect();
        let changes: Vec<_> = changed
            .iter()
            .zip(was.iter().zip(&is))
            .map(|(payout, (was, is))| (payout.id.to_string(), Some(was), Some(is)))
            .collect();
        audit::record_all(conn, act, scope.account_id, "payoutSettle", &changes).await?;
        Ok(Payout::find_all(conn, scope, &ids).await?)
    })
    .await
}

use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::PayoutSubmissionId;

use super::{PayoutSubmission, SubmissionStatus, SubmitPayouts};
use crate::{act::Act, audit, scope::AccountScope};

/// Why a submission is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum RetrySubmissionError {
    /// No such submission in reach.
    #[error("no such submission")]
    NotFound,
    /// The provider has not refused it.
    #[error("the submission is {current}")]
    WrongState {
        /// Where it stands.
        current: SubmissionStatus,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PayoutSubmission {
    /// Has a submission that the provider refused as a whole sent again, under the same reference, by a job.
    ///
    /// # Errors
    /// [`RetrySubmissionError`].
    pub async fn retry(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PayoutSubmissionId,
        act: &Act,
    ) -> Result<Self, RetrySubmissionError> {
        conn.transaction(async |conn| {
            let found = Self::lock(conn, scope.account_id, id).await?;
            let found = found.filter(|found| scope.allows(found.program_id));
            let submission = found.ok_or(RetrySubmissionError::NotFound)?;
            if submission.status != SubmissionStatus::Refused {
                return Err(RetrySubmissionError::WrongState { current: submission.status });
            }
            let job = SubmitPayouts { account_id: submission.account_id, submission_id: id };
            let job = queue::NewJob::of(&job).account(submission.account_id);
            let job = job.caused_by(act.request_id.clone(), act.traceparent.clone());
            queue::enqueue(conn, act.now, &act.ids, &[job]).await?;
            let change = (Some(&submission.reference), Some(&submission.reference));
            audit::record(conn, act, scope.account_id, "payoutSubmissionRetry", id, change).await?;
            Ok(submission)
        })
        .await
    }
}

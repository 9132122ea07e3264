use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::PayoutSubmissionId;

use super::{
    AbandonSubmission, PayoutBatch, PayoutSubmission, PollSubmission, SubmissionStatus, SubmitPayouts,
    WriteSubmissionFile,
};
use crate::{act::Act, audit, scope::AccountScope};

/// Why a submission is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum RetrySubmissionError {
    /// No such submission in reach.
    #[error("no such submission")]
    NotFound,
    /// There is nothing to be asked of the provider.
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
    /// Has a submission that the provider refused as a whole sent again, under the same reference, by a job; or its file made, if
    /// that could not be. One whose job has given up is taken up again: what may have been sent is looked up before, what was
    /// accepted is asked about, and what is being abandoned is given up on.
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
            let batch = PayoutBatch::find(conn, scope, submission.batch_id).await?;
            let batch = batch.ok_or(RetrySubmissionError::NotFound)?;
            let (account_id, submission_id) = (submission.account_id, id);
            use SubmissionStatus::{Abandoning, Accepted, Done, InFlight, Pending, Refused, Unknown};
            let (rail, has_file) = (batch.rail, submission.file_id.is_some());
            let job = match submission.status {
                Accepted | Done if rail.is_listed() && !has_file => {
                    queue::NewJob::of(&WriteSubmissionFile { account_id, submission_id })
                }
                Pending | Refused if rail.is_file() => {
                    queue::NewJob::of(&WriteSubmissionFile { account_id, submission_id })
                }
                Pending | Refused | InFlight | Unknown if !rail.is_file() => {
                    queue::NewJob::of(&SubmitPayouts { account_id, submission_id })
                }
                Accepted if rail.is_called() => {
                    queue::NewJob::of(&PollSubmission { account_id, submission_id, quiet: 0, told: false })
                }
                Abandoning => queue::NewJob::of(&AbandonSubmission { account_id, submission_id }),
                current => return Err(RetrySubmissionError::WrongState { current }),
            };
            let job = job.account(account_id);
            let job = job.caused_by(act.request_id.clone(), act.traceparent.clone());
            queue::enqueue(conn, act.now, &act.ids, &[job]).await?;
            let change = (Some(&submission.reference), Some(&submission.reference));
            audit::record(conn, act, scope.account_id, "payoutSubmissionRetry", id, change).await?;
            Ok(submission)
        })
        .await
    }
}

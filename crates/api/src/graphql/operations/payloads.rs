use async_graphql::SimpleObject;
use domain::operations::JobError;

use super::{Job, Operation, Queue};
use crate::graphql::{
    error::{Refusal, UserError, UserErrorCode},
    payload::payload,
};

payload!(
    /// What a mutation of a job answers.
    JobPayload {
        /// The job as it is now; null when nothing was done.
        job: Job
    }
);

payload!(
    /// What a mutation of a queue answers.
    QueuePayload {
        /// The queue as it is now; null when nothing was done.
        queue: Queue
    }
);

/// What retrying many jobs answers.
#[derive(SimpleObject)]
pub struct JobsRetryPayload {
    /// How many run again as of now.
    pub retried: i32,
    /// The job that retries the next of the rest; null when there is no more.
    pub goes_on_as: Option<Job>,
    /// What retries the rest, with its progress; null when there is no more.
    pub operation: Option<Operation>,
    /// What was wrong with the input, or with single jobs; the others run again.
    pub user_errors: Vec<UserError>,
}

impl From<JobError> for Refusal {
    fn from(error: JobError) -> Self {
        match error {
            JobError::NotFound => UserError::not_found("id", "job").into(),
            JobError::WrongState(state) => {
                UserError::wrong_state("job", state.as_str().to_uppercase()).into()
            }
            JobError::KeepsMoney => {
                let sentence =
                    "Jobs of payouts are not cancelled: `payoutBatchCancel` gives a batch's amounts back.";
                UserError::at(&["id"], UserErrorCode::Forbidden, sentence).into()
            }
            JobError::Database(error) => error.into(),
        }
    }
}

use async_graphql::InputObject;
use domain::{operations::JobScope, page::containing};
use ids::{AccountId, JobId};

use super::job::JobState;
use crate::graphql::error::ApiError;

/// Which jobs a list shows. What is left out is no limit.
#[derive(InputObject, Default)]
pub struct JobFilter {
    /// In one of these states, at most 100.
    #[graphql(validator(max_items = 100))]
    states: Option<Vec<JobState>>,
    /// In the queue of this name, such as `emails`.
    #[graphql(validator(max_length = 100))]
    queue: Option<String>,
    /// Of this kind, such as `emails.send`.
    #[graphql(validator(max_length = 100))]
    kind: Option<String>,
    /// Of this account: for operators of the instance; members see those of their own anyway.
    account_id: Option<AccountId>,
    /// Whose last error contains this text, whatever its case; 1 to 200 characters. For members, errors that only operators
    /// may read contain nothing.
    #[graphql(validator(min_length = 1, max_length = 200))]
    error_contains: Option<String>,
}

/// Which dead jobs are retried: either by their ids or by a filter.
#[derive(InputObject)]
pub struct JobsRetryInput {
    /// These, 1 to 100; those that are not dead stay as they are, and are named in `userErrors`.
    #[graphql(validator(min_items = 1, max_items = 100))]
    pub ids: Option<Vec<JobId>>,
    /// All dead jobs that pass; `states` counts for nothing. The newest hundred run again at once, and an operation
    /// sees to the rest.
    pub filter: Option<JobFilter>,
}

impl JobFilter {
    /// The filter within what the viewer reaches.
    ///
    /// # Errors
    /// When the queue is none.
    pub fn within(self, scope: JobScope) -> Result<queue::find::JobFilter, ApiError> {
        let queue = match self.queue.map(|name| name.parse()) {
            None => None,
            Some(Ok(queue)) => Some(queue),
            Some(Err(_)) => return Err(ApiError::BadInput("There is no queue of this name.")),
        };
        Ok(queue::find::JobFilter {
            account: scope.account().or(self.account_id),
            states: self.states.unwrap_or_default().into_iter().map(Into::into).collect(),
            queue,
            kind: self.kind,
            error_like: self.error_contains.as_deref().map(containing),
            passes_over_internal_errors: scope != JobScope::Instance,
            ended_by: None,
        })
    }
}

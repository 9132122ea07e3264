use chrono::{DateTime, Utc};
use ids::{AccountId, JobId, OperationId, RewardId};
use queue::{
    Job, Queue,
    find::{JobFilter, JobState},
};
use serde::{Deserialize, Serialize};

use crate::rewards::RewardFilter;

/// Retries the dead jobs that pass a filter, a batch at a time, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryDeadJobs {
    /// The operation that it goes on with.
    pub operation_id: OperationId,
    /// Of this account; of all if none is named.
    pub account_id: Option<AccountId>,
    /// In this queue. A binary that does not know it cannot read the job: without the limit all would be retried.
    pub queue: Option<Queue>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Whose last error matches this `ILIKE` pattern.
    pub error_like: Option<String>,
    /// Whether internal errors do not match.
    pub passes_over_internal_errors: bool,
    /// Which ended by then: what dies again meanwhile is not retried again.
    pub ended_by: DateTime<Utc>,
    /// Behind this job, in the order of the list.
    pub after: Option<JobId>,
}

impl Job for RetryDeadJobs {
    const KIND: &'static str = "operations.retry_dead_jobs";
    const QUEUE: Queue = Queue::Maintenance;
}

impl RetryDeadJobs {
    /// The jobs that it is about.
    pub(super) fn filter(&self) -> JobFilter {
        JobFilter {
            account: self.account_id,
            states: vec![JobState::Dead],
            queue: self.queue,
            kind: self.kind.clone(),
            error_like: self.error_like.clone(),
            passes_over_internal_errors: self.passes_over_internal_errors,
            ended_by: Some(self.ended_by),
        }
    }
}

/// Decides about the rewards that pass a filter, a batch at a time, the oldest first. What is decided, and why, is the
/// operation's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRewards {
    /// The operation that it goes on with.
    pub operation_id: OperationId,
    /// Of this account.
    pub account_id: AccountId,
    /// Which of them, in the programs that whoever began it reaches.
    pub filter: RewardFilter,
    /// Up to this reward, the newest that passed when it began; none if none passed.
    pub up_to: Option<RewardId>,
    /// Behind this one.
    pub after: Option<RewardId>,
}

impl Job for ReviewRewards {
    const KIND: &'static str = "operations.review_rewards";
    const QUEUE: Queue = Queue::Rewards;
}

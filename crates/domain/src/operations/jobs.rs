use chrono::{DateTime, Utc};
use ids::{AccountId, JobId};
use queue::{Job, Queue};
use serde::{Deserialize, Serialize};

/// Retries the dead jobs that pass a filter, a batch at a time, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryDeadJobs {
    /// Of this account; of all if none is named.
    pub account_id: Option<AccountId>,
    /// In this queue.
    pub queue: Option<String>,
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

use chrono::{DateTime, Utc};
use ids::AccountId;
use serde_json::Value;

use crate::{Job, Queue};

/// A job to be enqueued, its type erased so that kinds can share a statement.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub(crate) kind: &'static str,
    pub(crate) queue: Queue,
    /// An error of serialisation is kept until the enqueue, which returns it.
    pub(crate) args: Result<Value, String>,
    pub(crate) unique_key: Option<String>,
    pub(crate) max_attempts: i32,
    pub(crate) run_at: Option<DateTime<Utc>>,
    pub(crate) account_id: Option<AccountId>,
    pub(crate) priority: i16,
    pub(crate) trace: Option<String>,
    pub(crate) request_id: Option<String>,
}

impl NewJob {
    /// A job of the system (no account), due at once, of ordinary priority.
    pub fn of<J: Job>(job: &J) -> Self {
        Self {
            kind: J::KIND,
            queue: J::QUEUE,
            args: serde_json::to_value(job).map_err(|error| format!("{} cannot be stored: {error}", J::KIND)),
            unique_key: job.unique_key(),
            max_attempts: J::RETRY.max_attempts.max(1),
            run_at: None,
            account_id: None,
            priority: 0,
            trace: None,
            request_id: None,
        }
    }

    /// Not before `at`. A waiting twin keeps its own time.
    pub fn run_at(mut self, at: DateTime<Utc>) -> Self {
        self.run_at = Some(at);
        self
    }

    /// The account on whose behalf it runs; its members see it.
    pub fn account(mut self, account: AccountId) -> Self {
        self.account_id = Some(account);
        self
    }

    /// Higher is dispatched first within its queue; 0 is ordinary.
    pub fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// The request that causes it: its id, and the W3C `traceparent` that it brought. A waiting twin keeps its own.
    pub fn caused_by(mut self, request_id: Option<String>, traceparent: Option<String>) -> Self {
        (self.request_id, self.trace) = (request_id, traceparent);
        self
    }

    /// Replaces the key of the job's type: schedules use `name@slot`.
    pub(crate) fn keyed(mut self, key: String) -> Self {
        self.unique_key = Some(key);
        self
    }
}

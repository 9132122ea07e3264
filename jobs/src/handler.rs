use std::{future::Future, time::Duration};

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::act::{Act as Circumstances, Actor};
use ids::{AccountId, IdSource, JobId};
use queue::Job;

use crate::progress::Progress;

/// A job that this process holds, its arguments decoded.
#[derive(Debug, Clone)]
pub struct Claimed<J> {
    /// The job.
    pub id: JobId,
    /// The account on whose behalf it runs; `None` for the system.
    pub account_id: Option<AccountId>,
    /// The number of this run, from 1.
    pub attempt: i32,
    /// If this run fails, there is no other.
    pub is_last_attempt: bool,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When it was due.
    pub run_at: DateTime<Utc>,
    /// The W3C `traceparent` of whoever enqueued it.
    pub trace: Option<String>,
    /// The id of the request that enqueued it.
    pub request_id: Option<String>,
    /// Its arguments.
    pub args: J,
}

impl<J> Claimed<J> {
    /// The circumstances of what it does: the job acts, and what follows leads back to the request that enqueued it first.
    pub fn circumstances(&self, now: DateTime<Utc>, ids: &IdSource) -> Circumstances {
        Circumstances {
            actor: Actor::Job(self.id),
            request_id: self.request_id.clone(),
            traceparent: self.trace.clone(),
            ..Circumstances::of_system(now, ids.clone())
        }
    }
}

/// Why a run failed, and what is to happen. The text is kept with the job and shown to operators: no secrets, no personal
/// data.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Again, after the backoff of its kind.
    #[error("{0}")]
    Retry(String),
    /// Again, after this pause: the other side said when.
    #[error("{1}")]
    RetryAfter(Duration, String),
    /// Never again: the job is dead until an operator retries it.
    #[error("{0}")]
    Abort(String),
    /// Never again, and what was written in this run stays: the job is dead, and its effects are committed with that.
    #[error("{0}")]
    Stop(String),
    /// Nothing was done, because the process ends: again at once, and this run does not count.
    #[error("not begun")]
    NotBegun,
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Retry(format!("database: {error}"))
    }
}

impl From<domain::files::CreateError> for Failure {
    fn from(error: domain::files::CreateError) -> Self {
        match error {
            domain::files::CreateError::Database(error) => error.into(),
            // What was made is no file: that does not mend itself.
            other => Self::Abort(other.to_string()),
        }
    }
}

impl From<domain::db::DbUnavailable> for Failure {
    fn from(error: domain::db::DbUnavailable) -> Self {
        Self::Retry(error.to_string())
    }
}

/// Work inside the database. Its effects are exactly once: they commit with the job's end, or not at all.
pub trait Act: Send + Sync + 'static {
    /// The arguments.
    type Job: Job;

    /// Does the work of a slice (one job, unless the kind's `SLICE` is larger) in the transaction that also ends the jobs.
    /// Loads fresh, leaves quietly when there is nothing to do. If a slice fails, its jobs run again one by one.
    fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<Self::Job>],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Work outside of the database (SMTP, HTTP, payout rails): a call that may be repeated with the same stable key after a
/// crash, and the record of its outcome.
pub trait Call: Send + Sync + 'static {
    /// The arguments.
    type Job: Job;
    /// What the call found out, to be recorded.
    type Outcome: Send + Sync + 'static;

    /// Does the calls of a slice, outside of any transaction, and tells `progress` how each ended as soon as it did: the
    /// outcome is recorded while the others go on. The intent (a row with a stable key) must be committed before the first
    /// call. When `progress` says so, no new call may begin.
    fn call(
        &self,
        jobs: &[Claimed<Self::Job>],
        progress: &Progress<Self::Outcome>,
    ) -> impl Future<Output = ()> + Send;

    /// Records the outcomes of calls that ended about the same time, in the transaction that also ends their jobs. If that
    /// fails, each is recorded by itself.
    fn record(
        &self,
        conn: &mut AsyncPgConnection,
        ends: &[(&Claimed<Self::Job>, &Self::Outcome)],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

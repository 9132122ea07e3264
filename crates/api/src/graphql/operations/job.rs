use async_graphql::{Context, Enum, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use queue::find::JobRow;

use crate::graphql::context::Request;

/// What members are told of an error of the machinery itself.
const INTERNAL: &str = "Something went wrong inside; operators of this instance can read what.";

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "queue::find::JobState")]
pub enum JobState {
    /// Not due yet: a job of later, or one that failed and is tried again.
    Scheduled,
    /// Due, and not taken by a worker yet.
    Ready,
    /// Taken by a worker.
    Running,
    /// Ended well. Kept for 7 days.
    Done,
    /// Given up: its attempts are used up, it crashed three times, or it cannot succeed. Kept for 90 days.
    Dead,
    /// Ended by a person before it ran. Kept for 90 days.
    Cancelled,
    /// Handed over to a waiting job of the same kind about the same thing. Kept for 7 days.
    Superseded,
}

/// A piece of work that is done in the background.
#[derive(Clone)]
pub struct Job(pub JobRow);

impl From<JobRow> for Job {
    fn from(job: JobRow) -> Self {
        Self(job)
    }
}

/// One run of a job.
#[derive(Debug, Clone, SimpleObject)]
pub struct JobAttempt {
    /// The number of the run, from 1; 0 for the note that somebody cancelled the job. A run that was cut short by a crash
    /// gives its number back, and so may a retry by hand.
    pub number: i32,
    /// When it began; null where that was not kept.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended; null while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed, at most 2,000 characters; null if it did not. What may tell of the inside of the installation is
    /// shown to operators only.
    pub error: Option<String>,
    /// The process that it ran in: `wrk_...`
    pub worker: Option<String>,
}

/// The text as this viewer may see it.
fn shown(error: &str, ctx: &Context<'_>) -> String {
    let is_hidden = queue::is_internal(error) && !Request::of(ctx).viewer.operates;
    if is_hidden { INTERNAL.to_owned() } else { error.to_owned() }
}

/// A piece of work that is done in the background.
#[Object]
impl Job {
    /// `job_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The queue that it waits in, such as `emails`.
    async fn queue(&self) -> &str {
        &self.0.queue
    }

    /// What it does, such as `emails.send`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Where it stands.
    async fn state(&self) -> JobState {
        self.0.state().into()
    }

    /// What it is about: ids and small facts, no secrets and no personal data.
    async fn args(&self) -> Json<&serde_json::Value> {
        Json(&self.0.args)
    }

    /// The account on whose behalf it runs (`acc_...`); null for the system.
    async fn account_id(&self) -> Option<ID> {
        self.0.account_id.map(ID::from)
    }

    /// How many runs it has had that ended by themselves, or is having.
    async fn attempt(&self) -> i32 {
        self.0.attempt
    }

    /// How many runs it may have.
    async fn max_attempts(&self) -> i32 {
        self.0.max_attempts
    }

    /// Its runs, the oldest first: those that failed or crashed, and the present one or the one that ended well.
    async fn attempts(&self, ctx: &Context<'_>) -> Vec<JobAttempt> {
        let attempts = self.0.attempts().into_iter();
        attempts
            .map(|attempt| JobAttempt {
                number: attempt.number,
                started_at: attempt.started_at,
                finished_at: attempt.finished_at,
                error: attempt.error.map(|error| shown(&error, ctx)),
                worker: attempt.worker,
            })
            .collect()
    }

    /// Why the last run that failed did so, at most 2,000 characters. What may tell of the inside of the installation is
    /// shown to operators only.
    async fn last_error(&self, ctx: &Context<'_>) -> Option<String> {
        self.0.last_error().map(|error| shown(error, ctx))
    }

    /// The request that caused it (`X-Request-Id`), or the first of them if it serves several; null for the system's.
    async fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The id of the W3C trace that this request belongs to, if it brought a `traceparent`: 32 hex digits.
    async fn trace_id(&self) -> Option<&str> {
        self.0.trace.as_deref()?.split('-').nth(1)
    }

    /// When it is or was due.
    async fn run_at(&self) -> DateTime<Utc> {
        self.0.run_at
    }

    /// When the present or last run began.
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// When it ended; null while it waits or runs.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// When it was enqueued.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

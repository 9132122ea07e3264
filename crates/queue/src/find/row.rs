use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, JobId, WorkerId};
use serde::Deserialize;
use serde_json::Value;

use crate::{Queue, statement::statement};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Not due yet.
    Scheduled,
    /// Due, and taken by no worker.
    Ready,
    /// Taken by a worker.
    Running,
    /// Ended well.
    Done,
    /// Given up.
    Dead,
    /// Ended by a person before it ran.
    Cancelled,
    /// Handed over to a job with the same key.
    Superseded,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Scheduled,
        Self::Ready,
        Self::Running,
        Self::Done,
        Self::Dead,
        Self::Cancelled,
        Self::Superseded,
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }
}

/// Which jobs a list shows. What is left out is no limit.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Of this account; `None` for those of all accounts and of the system.
    pub account: Option<AccountId>,
    /// In one of these states; none means all.
    pub states: Vec<JobState>,
    /// In this queue.
    pub queue: Option<Queue>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Whose last error matches this `ILIKE` pattern.
    pub error_like: Option<String>,
    /// Last errors of this installation's own making (see [`crate::INTERNAL_ERRORS`]) do not match: who may not read them must
    /// not find out what they say by looking for it.
    pub passes_over_internal_errors: bool,
    /// That ended at or before this instant, and so are in the history.
    pub ended_by: Option<DateTime<Utc>>,
}

/// A job, wherever its row is.
#[derive(Debug, Clone, QueryableByName)]
pub struct JobRow {
    /// The job.
    #[diesel(sql_type = Uuid)]
    pub id: JobId,
    /// The account on whose behalf it runs; `None` for the system.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub account_id: Option<AccountId>,
    /// The name of its queue.
    #[diesel(sql_type = Text)]
    pub queue: String,
    /// Its kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Its arguments.
    #[diesel(sql_type = Jsonb)]
    pub args: Value,
    /// At most one waiting job of its kind has this key.
    #[diesel(sql_type = Nullable<Text>)]
    pub unique_key: Option<String>,
    #[diesel(sql_type = Text)]
    state: String,
    /// When it is or was due.
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
    /// How many runs it has had.
    #[diesel(sql_type = Integer)]
    pub attempt: i32,
    /// How many it may have.
    #[diesel(sql_type = Integer)]
    pub max_attempts: i32,
    #[diesel(sql_type = Jsonb)]
    errors: Value,
    /// The W3C traceparent of the request that enqueued it first.
    #[diesel(sql_type = Nullable<Text>)]
    pub trace: Option<String>,
    /// The id of that request.
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    /// When its present or last run began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    /// The process of that run.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub worker_id: Option<WorkerId>,
    /// When it was enqueued.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it ended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// One run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Its number, from 1; 0 for the note that somebody cancelled it.
    #[serde(rename = "attempt")]
    pub number: i32,
    /// When it began.
    #[serde(default)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended; none while it runs.
    #[serde(rename = "at", default)]
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed; none if it did not.
    #[serde(default)]
    pub error: Option<String>,
    /// The process that it ran in.
    #[serde(default)]
    pub worker: Option<String>,
}

impl JobRow {
    /// Where it stands.
    pub fn state(&self) -> JobState {
        // The table's constraint knows no other word.
        JobState::ALL.into_iter().find(|state| state.as_str() == self.state).unwrap_or(JobState::Dead)
    }

    /// The error of the last run that failed.
    pub fn last_error(&self) -> Option<&str> {
        self.errors.as_array()?.last()?.get("error")?.as_str()
    }

    /// Its runs, the oldest first: those that failed or crashed, and the present one or the one that ended well.
    pub fn attempts(&self) -> Vec<Attempt> {
        let errors = self.errors.as_array().map(Vec::as_slice).unwrap_or_default();
        let mut attempts: Vec<Attempt> =
            errors.iter().filter_map(|error| Attempt::deserialize(error).ok()).collect();
        if matches!(self.state(), JobState::Running | JobState::Done) {
            attempts.push(Attempt {
                number: self.attempt,
                started_at: self.started_at,
                finished_at: self.finished_at,
                error: None,
                worker: self.worker_id.map(|worker| worker.to_string()),
            });
        }
        attempts
    }
}

/// The columns of [`JobRow`] but the last.
macro_rules! job_columns {
    () => {
        "id, account_id, queue, kind, args, unique_key, state, run_at, attempt, max_attempts, errors, trace, request_id, started_at, \
         worker_id, created_at"
    };
}
pub(crate) use job_columns;

/// The jobs of these ids, in no order; of one account, or of all and the system.
///
/// # Errors
/// Those of the database.
pub async fn find_all(
    conn: &mut AsyncPgConnection,
    account: Option<AccountId>,
    ids: &[JobId],
) -> QueryResult<Vec<JobRow>> {
    statement(concat!(
        "SELECT ",
        job_columns!(),
        ", NULL::timestamptz AS finished_at FROM jobs WHERE id = ANY("
    ))
    .bind::<Array<Uuid>, _>(ids, ") AND account_id IS NOT DISTINCT FROM coalesce(")
    .bind::<Nullable<Uuid>, _>(
        account,
        concat!(
            ", account_id) UNION ALL SELECT ",
            job_columns!(),
            ", finished_at FROM job_history WHERE id = ANY("
        ),
    )
    .bind::<Array<Uuid>, _>(ids, ") AND account_id IS NOT DISTINCT FROM coalesce(")
    .bind::<Nullable<Uuid>, _>(account, ", account_id)")
    .load(conn)
    .await
}

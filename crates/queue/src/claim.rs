use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, JobId, LeaseToken, WorkerId};
use serde_json::Value;

use crate::statement::statement;

/// A job that this worker holds until its lease ends.
#[derive(Debug, Clone, QueryableByName)]
pub struct ClaimedRow {
    /// The job.
    #[diesel(sql_type = Uuid)]
    pub id: JobId,
    /// Its unique key.
    #[diesel(sql_type = Nullable<Text>)]
    pub unique_key: Option<String>,
    /// The account on whose behalf it runs; `None` for the system.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub account_id: Option<AccountId>,
    /// The arguments, not decoded.
    #[diesel(sql_type = Jsonb)]
    pub args: Value,
    /// The number of this run, from 1.
    #[diesel(sql_type = Integer)]
    pub attempt: i32,
    /// The runs that it may have in all.
    #[diesel(sql_type = Integer)]
    pub max_attempts: i32,
    /// How often a worker died while it ran alone, or it panicked.
    #[diesel(sql_type = SmallInt)]
    pub crashes_alone: i16,
    /// When it was enqueued.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it was due.
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
    /// The W3C `traceparent` of whoever enqueued it.
    #[diesel(sql_type = Nullable<Text>)]
    pub trace: Option<String>,
    /// The id of the request that enqueued it.
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    /// When this run began: now.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    /// The process that it runs in.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub worker_id: Option<WorkerId>,
}

/// What a worker wants to claim.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The kind of the jobs.
    pub kind: &'a str,
    /// The jobs, as far as they can be had.
    pub ids: &'a [JobId],
    /// How they are going to run.
    pub mode: Mode,
    /// [`Job::SERIAL`](crate::Job::SERIAL) of the kind.
    pub serial: bool,
    /// The fence.
    pub token: LeaseToken,
    /// How long it holds.
    pub lease: Duration,
    /// The process.
    pub worker: WorkerId,
}

/// How the caller is going to run what it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Beside other jobs: rows that must run alone are left.
    Shared,
    /// With nothing beside it in the process: only rows that must run alone.
    Alone,
}

/// Claims those of the ids that are of the kind, ready, due and in a queue that is not paused, and fences them with the
/// token. What is not returned belongs to somebody else, or to nobody any more.
///
/// Of a serial kind, a job whose twin runs is not claimed. That the twin runs is seen for certain: a job gets its row only
/// after the claim of its twin was committed, since until then the waiting twin's key stands in its way.
///
/// A row that an enqueuer holds is skipped, not waited for: claimed now, the job would not see what the enqueuer has not
/// committed yet (see [`waiting`] for what becomes of it). The commit may be asynchronous: a finish cannot survive a crash
/// of PostgreSQL without the claim before it.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    conn: &mut AsyncPgConnection,
    claim: Claim<'_>,
    now: DateTime<Utc>,
) -> QueryResult<Vec<ClaimedRow>> {
    let mut rows: Vec<ClaimedRow> = statement(
        "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), \
         picked AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY(",
    )
    .bind::<Array<Uuid>, _>(claim.ids, ") AND kind = ")
    .bind::<Text, _>(claim.kind, " AND state = 'ready' AND run_at <= ")
    .bind::<Timestamptz, _>(now, " AND alone = ")
    .bind::<Bool, _>(
        claim.mode == Mode::Alone,
        " AND NOT EXISTS (SELECT FROM queue_pauses p WHERE p.queue = jobs.queue) AND NOT (",
    )
    .bind::<Bool, _>(
        claim.serial,
        " AND EXISTS (SELECT FROM jobs r WHERE r.kind = jobs.kind AND r.unique_key = jobs.unique_key \
         AND r.unique_key IS NOT NULL AND r.state = 'running')) \
         ORDER BY id FOR UPDATE OF jobs SKIP LOCKED) \
         UPDATE jobs SET state = 'running', attempt = attempt + 1, lease_token = ",
    )
    .bind::<Uuid, _>(claim.token, ", worker_id = ")
    .bind::<Uuid, _>(claim.worker, ", started_at = ")
    .bind::<Timestamptz, _>(now, ", lease_until = ")
    .bind::<Timestamptz, _>(
        now + claim.lease,
        " FROM unhurried WHERE jobs.id = ANY(ARRAY(SELECT id FROM picked)) \
         RETURNING jobs.id, unique_key, account_id, args, attempt, max_attempts, crashes_alone, created_at, run_at, trace, \
         request_id, started_at, worker_id",
    )
    .load(conn)
    .await?;
    rows.sort_by_key(|row| (row.run_at, row.id));
    Ok(rows)
}

/// Those of `ids` that wait, due and unlocked: after an incomplete claim, the rows that an enqueuer held then and has let
/// go of since. Whoever pushed them to the lane is done with them, so they are to be pushed again.
///
/// Rows of a `serial` kind whose twin runs are left out: the end of the twin sends them on ([`send_on_twins`]).
///
/// # Errors
/// Those of the database.
pub async fn waiting(
    conn: &mut AsyncPgConnection,
    ids: &[JobId],
    serial: bool,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Waiting>> {
    statement("WITH still AS MATERIALIZED (SELECT id, alone FROM jobs WHERE id = ANY(")
        .bind::<Array<Uuid>, _>(ids, ") AND state = 'ready' AND run_at <= ")
        .bind::<Timestamptz, _>(
            now,
            " AND NOT EXISTS (SELECT FROM queue_pauses p WHERE p.queue = jobs.queue) AND NOT (",
        )
        .bind::<Bool, _>(
            serial,
            " AND EXISTS (SELECT FROM jobs r WHERE r.kind = jobs.kind AND r.unique_key = jobs.unique_key \
         AND r.unique_key IS NOT NULL AND r.state = 'running'))), \
         free AS MATERIALIZED (SELECT j.id FROM jobs j JOIN still USING (id) FOR UPDATE OF j SKIP LOCKED) \
         SELECT still.id, still.alone, free.id IS NOT NULL AS free FROM still LEFT JOIN free USING (id)",
        )
        .load(conn)
        .await
}

/// After runs of a serial kind have ended and that is committed: their waiting twins, which workers took from the lane and
/// could not claim, are to be dispatched again. Answers how many. Waits for enqueuers that hold them, and so must hold
/// nothing itself.
///
/// # Errors
/// Those of the database.
pub async fn send_on_twins(conn: &mut AsyncPgConnection, kind: &str, keys: &[String]) -> QueryResult<usize> {
    statement("UPDATE jobs SET dispatched_at = NULL WHERE kind = ")
        .bind::<Text, _>(kind, " AND unique_key = ANY(")
        .bind::<Array<Text>, _>(
            keys,
            ") AND unique_key IS NOT NULL AND state IN ('scheduled', 'ready') AND state = 'ready' \
             AND dispatched_at IS NOT NULL",
        )
        .execute(conn)
        .await
}

/// A row that waits although its id was taken from the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Waiting {
    /// The job.
    #[diesel(sql_type = Uuid)]
    pub id: JobId,
    /// It must run alone.
    #[diesel(sql_type = Bool)]
    pub alone: bool,
    /// Nobody holds it any more.
    #[diesel(sql_type = Bool)]
    pub free: bool,
}

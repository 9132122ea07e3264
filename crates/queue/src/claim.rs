use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, JobId, LeaseToken};
use serde_json::Value;

use crate::statement::statement;

/// A job that this worker holds until its lease ends.
#[derive(Debug, Clone, QueryableByName)]
pub struct ClaimedRow {
    /// The job.
    #[diesel(sql_type = Uuid)]
    pub id: JobId,
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
}

/// How the caller is going to run what it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Beside other jobs: rows that must run alone are left.
    Shared,
    /// With nothing beside it in the process: only rows that must run alone.
    Alone,
}

/// Claims those of `ids` that are of `kind`, ready, due and in a queue that is not paused, and fences them with `token`.
/// What is not returned belongs to somebody else, or to nobody any more.
///
/// A row that an enqueuer holds is skipped, not waited for: claimed now, the job would not see what the enqueuer has not
/// committed yet (see [`waiting`] for what becomes of it). The commit may be asynchronous: a finish cannot survive a crash
/// of PostgreSQL without the claim before it.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    conn: &mut AsyncPgConnection,
    kind: &str,
    ids: &[JobId],
    mode: Mode,
    token: LeaseToken,
    lease: Duration,
    now: DateTime<Utc>,
) -> QueryResult<Vec<ClaimedRow>> {
    let mut rows: Vec<ClaimedRow> = statement(
        "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), \
         picked AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY(",
    )
    .bind::<Array<Uuid>, _>(ids, ") AND kind = ")
    .bind::<Text, _>(kind, " AND state = 'ready' AND run_at <= ")
    .bind::<Timestamptz, _>(now, " AND alone = ")
    .bind::<Bool, _>(
        mode == Mode::Alone,
        " AND NOT EXISTS (SELECT FROM queue_pauses p WHERE p.queue = jobs.queue) \
         ORDER BY id FOR UPDATE OF jobs SKIP LOCKED) \
         UPDATE jobs SET state = 'running', attempt = attempt + 1, lease_token = ",
    )
    .bind::<Uuid, _>(token, ", lease_until = ")
    .bind::<Timestamptz, _>(
        now + lease,
        " FROM unhurried WHERE jobs.id = ANY(ARRAY(SELECT id FROM picked)) \
         RETURNING jobs.id, account_id, args, attempt, max_attempts, crashes_alone, created_at, run_at, trace",
    )
    .load(conn)
    .await?;
    rows.sort_by_key(|row| (row.run_at, row.id));
    Ok(rows)
}

/// Those of `ids` that wait, due and unlocked: after an incomplete claim, the rows that an enqueuer held then and has let
/// go of since. Whoever pushed them to the lane is done with them, so they are to be pushed again.
///
/// # Errors
/// Those of the database.
pub async fn waiting(
    conn: &mut AsyncPgConnection,
    ids: &[JobId],
    now: DateTime<Utc>,
) -> QueryResult<Vec<Waiting>> {
    statement("WITH still AS MATERIALIZED (SELECT id, alone FROM jobs WHERE id = ANY(")
        .bind::<Array<Uuid>, _>(ids, ") AND state = 'ready' AND run_at <= ")
        .bind::<Timestamptz, _>(
            now,
            " AND NOT EXISTS (SELECT FROM queue_pauses p WHERE p.queue = jobs.queue)), \
         free AS MATERIALIZED (SELECT j.id FROM jobs j JOIN still USING (id) FOR UPDATE OF j SKIP LOCKED) \
         SELECT still.id, still.alone, free.id IS NOT NULL AS free FROM still LEFT JOIN free USING (id)",
        )
        .load(conn)
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

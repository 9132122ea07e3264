use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    result::Error,
    sql_types::{Array, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, IdSource, JobId};
use serde_json::Value;

use crate::{NewJob, statement::statement};

/// How many rows one statement inserts.
const CHUNK: usize = 1000;

/// Enqueues `jobs` in the caller's transaction, and answers with the row of each, in order.
///
/// A job whose kind and unique key already wait (scheduled or ready) gets that row: the row is locked until the caller
/// commits, so no worker can claim it and miss what the caller writes, and it keeps its `run_at`. A twin that runs is no
/// obstacle: the new fact gets a row of its own. Call [`Wake::wake`](crate::Wake::wake) after the commit.
///
/// # Errors
/// Those of the database, and `SerializationError` for arguments that are not JSON.
pub async fn enqueue(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    ids: &IdSource,
    jobs: &[NewJob],
) -> QueryResult<Vec<JobId>> {
    let mut enqueued = Vec::with_capacity(jobs.len());
    for chunk in jobs.chunks(CHUNK) {
        let rows = Rows::of(chunk, now, ids)?;
        let stored = rows.insert(conn, now).await?;
        let twins: HashMap<(&str, &str), JobId> = stored
            .iter()
            .filter_map(|row| Some(((row.kind.as_str(), row.unique_key.as_deref()?), row.id)))
            .collect();
        enqueued.extend(chunk.iter().zip(&rows.fresh).map(|(job, fresh)| match &job.unique_key {
            Some(key) => twins.get(&(job.kind, key.as_str())).copied().unwrap_or(*fresh),
            None => *fresh,
        }));
    }
    Ok(enqueued)
}

/// The columns of one statement.
#[derive(Default)]
struct Rows<'a> {
    /// One new id per job of the chunk, whether its row is inserted or not.
    fresh: Vec<JobId>,
    id: Vec<JobId>,
    account_id: Vec<Option<AccountId>>,
    queue: Vec<&'a str>,
    kind: Vec<&'a str>,
    args: Vec<Value>,
    unique_key: Vec<Option<&'a str>>,
    priority: Vec<i16>,
    run_at: Vec<DateTime<Utc>>,
    max_attempts: Vec<i32>,
    trace: Vec<Option<&'a str>>,
    request_id: Vec<Option<&'a str>>,
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Uuid)]
    id: JobId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    unique_key: Option<String>,
}

impl<'a> Rows<'a> {
    /// One row per key, since a statement cannot upsert a row twice; keys in one order everywhere, so that two enqueuers
    /// that lock the same twins wait for each other instead of deadlocking.
    fn of(chunk: &'a [NewJob], now: DateTime<Utc>, ids: &IdSource) -> QueryResult<Self> {
        let mut rows = Rows { fresh: chunk.iter().map(|_| ids.next(now)).collect(), ..Rows::default() };
        let mut order: Vec<usize> = (0..chunk.len()).collect();
        order.sort_by_key(|&at| (chunk[at].unique_key.is_some(), chunk[at].kind, &chunk[at].unique_key));
        let mut seen = HashSet::new();
        for at in order {
            let job = &chunk[at];
            if job.unique_key.as_ref().is_none_or(|key| seen.insert((job.kind, key))) {
                rows.push(job, rows.fresh[at], now)?;
            }
        }
        Ok(rows)
    }

    fn push(&mut self, job: &'a NewJob, id: JobId, now: DateTime<Utc>) -> QueryResult<()> {
        let args = job.args.clone().map_err(|error| Error::SerializationError(error.into()))?;
        self.id.push(id);
        self.account_id.push(job.account_id);
        self.queue.push(job.queue.as_str());
        self.kind.push(job.kind);
        self.args.push(args);
        self.unique_key.push(job.unique_key.as_deref());
        self.priority.push(job.priority);
        self.run_at.push(job.run_at.unwrap_or(now));
        self.max_attempts.push(job.max_attempts);
        self.trace.push(job.trace.as_deref());
        self.request_id.push(job.request_id.as_deref());
        Ok(())
    }

    async fn insert(&self, conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Vec<Stored>> {
        statement(
            "INSERT INTO jobs (id, account_id, queue, kind, args, unique_key, priority, run_at, max_attempts, trace, \
             request_id, state, created_at) SELECT n.*, CASE WHEN n.run_at <= ",
        )
        .bind::<Timestamptz, _>(now, " THEN 'ready' ELSE 'scheduled' END, ")
        .bind::<Timestamptz, _>(now, " FROM unnest(")
        .bind::<Array<Uuid>, _>(&self.id, ", ")
        .bind::<Array<Nullable<Uuid>>, _>(&self.account_id, ", ")
        .bind::<Array<Text>, _>(&self.queue, ", ")
        .bind::<Array<Text>, _>(&self.kind, ", ")
        .bind::<Array<Jsonb>, _>(&self.args, ", ")
        .bind::<Array<Nullable<Text>>, _>(&self.unique_key, ", ")
        .bind::<Array<SmallInt>, _>(&self.priority, ", ")
        .bind::<Array<Timestamptz>, _>(&self.run_at, ", ")
        .bind::<Array<Integer>, _>(&self.max_attempts, ", ")
        .bind::<Array<Nullable<Text>>, _>(&self.trace, ", ")
        .bind::<Array<Nullable<Text>>, _>(
            &self.request_id,
            ") AS n (id, account_id, queue, kind, args, unique_key, priority, run_at, max_attempts, trace, request_id) \
             ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'ready') \
             DO UPDATE SET unique_key = excluded.unique_key RETURNING id, kind, unique_key",
        )
        .load(conn)
        .await
    }
}

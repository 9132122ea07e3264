//! How much ends, and which processes work, without a look at the history: each process adds up its own and writes it down
//! every few seconds.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::WorkerId;

use crate::{Queue, statement::statement};

/// How long minutes and processes are kept.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Whole minutes before the present one that throughput is taken from.
const MINUTES: i64 = 4;

/// What a process tells of itself.
#[derive(Debug, Clone)]
pub struct Beat {
    /// The process.
    pub worker: WorkerId,
    /// The queues that it works for.
    pub queues: Vec<Queue>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it last claimed a job.
    pub claimed_at: Option<DateTime<Utc>>,
    /// How many jobs ended in it since its last beat, by queue.
    pub ended: Vec<(Queue, u64)>,
}

/// A process that works, as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Worker {
    /// The process.
    #[diesel(sql_type = Uuid)]
    pub id: WorkerId,
    /// The queues that it works for.
    #[diesel(sql_type = Array<Text>)]
    pub queues: Vec<String>,
    /// When it last told of itself.
    #[diesel(sql_type = Timestamptz)]
    pub seen_at: DateTime<Utc>,
    /// When it last claimed a job.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub claimed_at: Option<DateTime<Utc>>,
}

/// Writes down what a process tells of itself.
///
/// # Errors
/// Those of the database.
pub async fn beat(conn: &mut AsyncPgConnection, beat: &Beat, now: DateTime<Utc>) -> QueryResult<()> {
    let queues: Vec<&str> = beat.queues.iter().map(|queue| queue.as_str()).collect();
    let (ended_in, ended): (Vec<&str>, Vec<i64>) = beat
        .ended
        .iter()
        .filter(|(_, jobs)| *jobs > 0)
        .map(|(queue, jobs)| (queue.as_str(), i64::try_from(*jobs).unwrap_or(i64::MAX)))
        .unzip();
    statement(
        "WITH seen AS (INSERT INTO queue_workers (id, queues, started_at, seen_at, claimed_at) VALUES (",
    )
    .bind::<Uuid, _>(beat.worker, ", ")
    .bind::<Array<Text>, _>(queues, ", ")
    .bind::<Timestamptz, _>(beat.started_at, ", ")
    .bind::<Timestamptz, _>(now, ", ")
    .bind::<Nullable<Timestamptz>, _>(
        beat.claimed_at,
        ") ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, claimed_at = excluded.claimed_at) \
             INSERT INTO queue_minutes (queue, minute, ended) SELECT n.queue, ",
    )
    .bind::<Timestamptz, _>(minute_of(now), ", n.ended FROM unnest(")
    .bind::<Array<Text>, _>(ended_in, ", ")
    .bind::<Array<BigInt>, _>(
        ended,
        ") AS n (queue, ended) ORDER BY n.queue \
             ON CONFLICT (queue, minute) DO UPDATE SET ended = queue_minutes.ended + excluded.ended",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets minutes and processes of more than a day ago, and answers how many rows they were.
///
/// # Errors
/// Those of the database.
pub async fn forget_old(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    let minutes = statement("DELETE FROM queue_minutes WHERE minute < ")
        .bind::<Timestamptz, _>(now - KEPT, "")
        .execute(conn)
        .await?;
    let workers = statement("DELETE FROM queue_workers WHERE seen_at < ")
        .bind::<Timestamptz, _>(now - KEPT, "")
        .execute(conn)
        .await?;
    Ok(minutes + workers)
}

/// The processes seen within the last day, the latest first; at most 100.
///
/// # Errors
/// Those of the database.
pub async fn workers(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Worker>> {
    statement("SELECT id, queues, seen_at, claimed_at FROM queue_workers ORDER BY seen_at DESC LIMIT 100")
        .load(conn)
        .await
}

/// Since when ends are counted for throughput at `now`: the present minute and the four before it.
pub(crate) fn counted_since(now: DateTime<Utc>) -> DateTime<Utc> {
    minute_of(now) - TimeDelta::minutes(MINUTES)
}

fn minute_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now)
}

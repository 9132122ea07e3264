use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{Queue, statement::statement, throughput::counted_since};

/// Counts stop one above this: "10,000+".
pub const SHOWN_AT_MOST: i64 = 10_000;

/// What is in one queue. Counts are at most [`SHOWN_AT_MOST`] + 1.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct QueueFigures {
    /// The queue's name.
    #[diesel(sql_type = Text)]
    pub queue: String,
    /// Due and not claimed.
    #[diesel(sql_type = BigInt)]
    pub ready: i64,
    /// Not due yet.
    #[diesel(sql_type = BigInt)]
    pub scheduled: i64,
    /// Claimed by a worker.
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    /// Given up, within the 90 days that the history keeps them.
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    /// Since when the oldest of the counted ready jobs has been due.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_ready_at: Option<DateTime<Utc>>,
    /// Nothing of it is dispatched or claimed.
    #[diesel(sql_type = Bool)]
    pub paused: bool,
    /// How many jobs ended within [`counted_for`](QueueFigures::counted_for).
    #[diesel(sql_type = BigInt)]
    pub ended_lately: i64,
    /// When the figures were taken.
    #[diesel(sql_type = Timestamptz)]
    pub taken_at: DateTime<Utc>,
}

impl QueueFigures {
    /// The time within which [`ended_lately`](QueueFigures::ended_lately) was counted: four to five minutes.
    pub fn counted_for(&self) -> TimeDelta {
        self.taken_at - counted_since(self.taken_at)
    }
}

/// The figures of all queues, in the order of [`Queue::ALL`]: a handful of bounded index reads, whatever the backlog.
///
/// # Errors
/// Those of the database.
pub async fn figures(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Vec<QueueFigures>> {
    // The orders are those of the indexes: without them the planner counts by reading the whole table.
    let names: Vec<&str> = Queue::ALL.iter().map(|queue| queue.as_str()).collect();
    statement(
        "SELECT q.queue, least(10001, fresh.n + sent.n) AS ready, later.n AS scheduled, running.n AS running, \
         dead.n AS dead, least(fresh.oldest, sent.oldest) AS oldest_ready_at, \
         EXISTS (SELECT FROM queue_pauses p WHERE p.queue = q.queue) AS paused, \
         (SELECT coalesce(sum(m.ended), 0)::bigint FROM queue_minutes m WHERE m.queue = q.queue AND m.minute >= ",
    )
    .bind::<Timestamptz, _>(counted_since(now), ") AS ended_lately, ")
    .bind::<Timestamptz, _>(now, "::timestamptz AS taken_at FROM unnest(")
    .bind::<Array<Text>, _>(
        names,
        ") WITH ORDINALITY AS q (queue, place) \
         CROSS JOIN LATERAL (SELECT count(*) AS n, min(run_at) AS oldest FROM (SELECT run_at FROM jobs j \
         WHERE j.queue = q.queue AND j.state = 'ready' AND j.dispatched_at IS NULL \
         ORDER BY j.kind, j.priority DESC, j.run_at LIMIT 10001) x) fresh \
         CROSS JOIN LATERAL (SELECT count(*) AS n, min(run_at) AS oldest FROM (SELECT run_at FROM jobs j \
         WHERE j.queue = q.queue AND j.state = 'ready' AND j.dispatched_at IS NOT NULL \
         ORDER BY j.kind, j.dispatched_at LIMIT 10001) x) sent \
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM jobs j \
         WHERE j.queue = q.queue AND j.state = 'scheduled' ORDER BY j.run_at LIMIT 10001) x) later \
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM jobs j \
         WHERE j.queue = q.queue AND j.state = 'running' ORDER BY j.lease_until LIMIT 10001) x) running \
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM job_history_long h \
         WHERE h.queue = q.queue AND h.state = 'dead' ORDER BY h.finished_at LIMIT 10001) x) dead \
         ORDER BY q.place",
    )
    .load(conn)
    .await
}

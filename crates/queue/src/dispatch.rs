use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, BigInt, Bool, SmallInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::JobId;

use crate::{Queue, statement::statement};

// The rows to change are given as an array: joined to a subquery of unknown size, the planner may prefer to read the whole
// table, once per round, as soon as there is a backlog worth the name.

/// A job whose id is to be pushed to the lane.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Dispatched {
    /// The job.
    #[diesel(sql_type = Uuid)]
    pub id: JobId,
    /// The name of its queue.
    #[diesel(sql_type = Text)]
    pub queue: String,
    /// Its kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// It must run alone.
    #[diesel(sql_type = Bool)]
    pub alone: bool,
    #[diesel(sql_type = SmallInt)]
    priority: i16,
    #[diesel(sql_type = Timestamptz)]
    run_at: DateTime<Utc>,
}

/// Jobs of one kind that were dispatched and that nobody has claimed.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unclaimed {
    /// The name of their queue.
    #[diesel(sql_type = Text)]
    pub queue: String,
    /// Their kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// How many there are.
    #[diesel(sql_type = BigInt)]
    pub rows: i64,
}

/// A kind and its queue, by their stored names.
pub type Lane<'a> = (&'a str, &'a str);

/// Makes scheduled rows whose time has come ready, up to `limit` a queue. Answers how many.
///
/// # Errors
/// Those of the database.
pub async fn promote_due(
    conn: &mut AsyncPgConnection,
    queues: &[Queue],
    limit: i64,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    statement(
        "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), \
         due AS MATERIALIZED (SELECT d.id FROM unnest(",
    )
    .bind::<Array<Text>, _>(
        queues.iter().map(|queue| queue.as_str()).collect::<Vec<_>>(),
        ") AS q (queue) CROSS JOIN LATERAL (SELECT j.id FROM jobs j WHERE j.queue = q.queue \
         AND j.state = 'scheduled' AND j.run_at <= ",
    )
    .bind::<Timestamptz, _>(now, " ORDER BY j.run_at LIMIT ")
    .bind::<BigInt, _>(
        limit,
        " FOR UPDATE SKIP LOCKED) d) \
         UPDATE jobs SET state = 'ready', dispatched_at = NULL FROM unhurried \
         WHERE jobs.id = ANY(ARRAY(SELECT id FROM due))",
    )
    .execute(conn)
    .await
}

/// Marks ready rows of these kinds, where the queue is not paused, as dispatched, so many that about `window` of a kind are
/// dispatched and not claimed, and answers with them in the order in which they are to be pushed. Any number of processes
/// may do so at once. The commit may be asynchronous: a mark that is lost only means that an id is pushed twice.
///
/// By kinds, not by queues: rows of a kind that no worker knows (any more, or yet) must not fill the window of the others.
///
/// # Errors
/// Those of the database.
pub async fn dispatch(
    conn: &mut AsyncPgConnection,
    lanes: &[Lane<'_>],
    window: i64,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Dispatched>> {
    let (queues, kinds): (Vec<&str>, Vec<&str>) = lanes.iter().copied().unzip();
    let rows = statement(
        "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), \
         room AS MATERIALIZED (SELECT l.queue, l.kind, greatest(0, ",
    )
    .bind::<BigInt, _>(
        window,
        " - (SELECT count(*) FROM (SELECT FROM jobs d WHERE d.queue = l.queue AND d.kind = l.kind \
         AND d.state = 'ready' AND d.dispatched_at IS NOT NULL LIMIT ",
    )
    .bind::<BigInt, _>(window, ") AS w)) AS free FROM unnest(")
    .bind::<Array<Text>, _>(queues, ", ")
    .bind::<Array<Text>, _>(
        kinds,
        ") AS l (queue, kind) WHERE NOT EXISTS (SELECT FROM queue_pauses p WHERE p.queue = l.queue)), \
         picked AS MATERIALIZED (SELECT r.id FROM room CROSS JOIN LATERAL (SELECT j.id FROM jobs j \
         WHERE j.queue = room.queue AND j.kind = room.kind AND j.state = 'ready' AND j.dispatched_at IS NULL \
         ORDER BY j.priority DESC, j.run_at, j.id LIMIT room.free FOR UPDATE SKIP LOCKED) r) \
         UPDATE jobs SET dispatched_at = ",
    )
    .bind::<Timestamptz, _>(
        now,
        " FROM unhurried WHERE jobs.id = ANY(ARRAY(SELECT id FROM picked)) \
         RETURNING jobs.id, queue, kind, alone, priority, run_at",
    )
    .load(conn)
    .await?;
    Ok(in_order(rows))
}

/// What of these kinds was dispatched and is not claimed, if some of it is from before `since`: when the lane of a kind holds
/// fewer ids than that, some were lost on the way.
///
/// # Errors
/// Those of the database.
pub async fn unclaimed(
    conn: &mut AsyncPgConnection,
    lanes: &[Lane<'_>],
    since: DateTime<Utc>,
) -> QueryResult<Vec<Unclaimed>> {
    let (queues, kinds): (Vec<&str>, Vec<&str>) = lanes.iter().copied().unzip();
    statement("SELECT l.queue, l.kind, sent.rows FROM unnest(")
        .bind::<Array<Text>, _>(queues, ", ")
        .bind::<Array<Text>, _>(
            kinds,
            ") AS l (queue, kind) CROSS JOIN LATERAL (SELECT count(*) AS rows, min(dispatched_at) AS oldest FROM jobs j \
             WHERE j.queue = l.queue AND j.kind = l.kind AND j.state = 'ready' AND j.dispatched_at IS NOT NULL) sent \
             WHERE NOT EXISTS (SELECT FROM queue_pauses p WHERE p.queue = l.queue) AND sent.oldest < ",
        )
        .bind::<Timestamptz, _>(since, "")
        .load(conn)
        .await
}

/// Dispatches again what was dispatched before `since` and is not claimed, up to `limit` rows of a kind.
///
/// # Errors
/// Those of the database.
pub async fn dispatch_again(
    conn: &mut AsyncPgConnection,
    lost: &Unclaimed,
    since: DateTime<Utc>,
    limit: i64,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Dispatched>> {
    let rows = statement("WITH picked AS MATERIALIZED (SELECT id FROM jobs WHERE queue = ")
        .bind::<Text, _>(&lost.queue, " AND kind = ")
        .bind::<Text, _>(
            &lost.kind,
            " AND state = 'ready' AND dispatched_at IS NOT NULL AND dispatched_at < ",
        )
        .bind::<Timestamptz, _>(since, " ORDER BY dispatched_at LIMIT ")
        .bind::<BigInt, _>(limit, " FOR UPDATE SKIP LOCKED) UPDATE jobs SET dispatched_at = ")
        .bind::<Timestamptz, _>(
            now,
            " WHERE id = ANY(ARRAY(SELECT id FROM picked)) RETURNING id, queue, kind, alone, priority, run_at",
        )
        .load(conn)
        .await?;
    Ok(in_order(rows))
}

fn in_order(mut rows: Vec<Dispatched>) -> Vec<Dispatched> {
    rows.sort_by_key(|row| (-i32::from(row.priority), row.run_at, row.id));
    rows
}

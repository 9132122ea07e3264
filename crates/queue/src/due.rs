use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::JobId;

use crate::statement::statement;

/// A ready job, for whoever runs jobs without the lane.
#[derive(Debug, Clone, QueryableByName)]
pub struct Due {
    /// The job.
    #[diesel(sql_type = Uuid)]
    pub id: JobId,
    /// Its kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// It must run alone.
    #[diesel(sql_type = Bool)]
    pub alone: bool,
}

/// The ready, due jobs of these kinds in queues that are not paused, in the order of their kinds and times.
///
/// # Errors
/// Those of the database.
pub async fn due(
    conn: &mut AsyncPgConnection,
    kinds: &[&str],
    limit: i64,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Due>> {
    statement(
        "SELECT id, kind, alone FROM jobs WHERE state = 'ready' \
         AND NOT EXISTS (SELECT FROM queue_pauses p WHERE p.queue = jobs.queue) AND kind = ANY(",
    )
    .bind::<Array<Text>, _>(kinds, ") AND run_at <= ")
    .bind::<Timestamptz, _>(now, " ORDER BY queue, kind, alone, priority DESC, run_at, id LIMIT ")
    .bind::<BigInt, _>(limit, "")
    .load(conn)
    .await
}

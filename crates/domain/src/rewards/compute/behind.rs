use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::facts::FACTS;

/// Programs whose writer of rewards has facts before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Behind {
    /// How many; those that stand before a fact that cannot be computed do not count.
    #[diesel(sql_type = BigInt)]
    pub programs: i64,
    /// When the oldest of their next facts happened.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_at: Option<DateTime<Utc>>,
}

/// How far the writers of all programs are behind the feed. Of each program at most 10,000 events behind its cursor are looked
/// through for a fact.
///
/// # Errors
/// The database's.
pub async fn behind(conn: &mut AsyncPgConnection) -> QueryResult<Behind> {
    sql_query(
        "SELECT count(*) AS programs, min(f.at) AS oldest_at FROM reward_cursors c CROSS JOIN LATERAL \
         (SELECT n.at FROM (SELECT e.at, e.kind, e.position FROM events e WHERE e.program_id = c.program_id \
         AND e.position > c.position ORDER BY e.position LIMIT 10000) n \
         WHERE n.kind = ANY ($1) ORDER BY n.position LIMIT 1) f WHERE c.stopped_at IS NULL",
    )
    .bind::<Array<Text>, _>(FACTS)
    .get_result(conn)
    .await
}

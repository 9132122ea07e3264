use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::JobId;

use crate::statement::statement;

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DeadJob {
    /// The job.
    #[diesel(sql_type = Uuid)]
    pub id: JobId,
    /// Its kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// How often it ran.
    #[diesel(sql_type = Integer)]
    pub attempt: i32,
    /// The error of its last run.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
    /// When it was given up.
    #[diesel(sql_type = Timestamptz)]
    pub finished_at: DateTime<Utc>,
}

/// The jobs of all accounts that were given up last, at most `most` of them: for instance operators.
///
/// # Errors
/// Those of the database.
pub async fn dead(conn: &mut AsyncPgConnection, most: i64) -> QueryResult<Vec<DeadJob>> {
    statement(
        "SELECT id, kind, attempt, errors -> -1 ->> 'error' AS last_error, finished_at FROM job_history \
         WHERE state = 'dead' ORDER BY finished_at DESC LIMIT ",
    )
    .bind::<BigInt, _>(most, "")
    .load(conn)
    .await
}

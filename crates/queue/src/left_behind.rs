//! What nobody works off: for whoever looks after the instance.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::statement::statement;

/// A schedule whose slot has passed.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Overdue {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// When it should have fired.
    #[diesel(sql_type = Timestamptz)]
    pub next_run_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The schedules whose next slot was before `by`, the longest overdue first.
///
/// # Errors
/// Those of the database.
pub async fn overdue(conn: &mut AsyncPgConnection, by: DateTime<Utc>) -> QueryResult<Vec<Overdue>> {
    statement("SELECT name, next_run_at FROM job_schedules WHERE next_run_at < ")
        .bind::<Timestamptz, _>(by, " ORDER BY next_run_at, name")
        .load(conn)
        .await
}

/// How many running jobs have leases that ended before `by`, counted up to 10,000: their workers died, and nobody took them
/// back.
///
/// # Errors
/// Those of the database.
pub async fn expired_leases(conn: &mut AsyncPgConnection, by: DateTime<Utc>) -> QueryResult<i64> {
    let counted: Count = statement(
        "SELECT count(*) AS count FROM (SELECT FROM jobs WHERE state = 'running' AND lease_until < ",
    )
    .bind::<Timestamptz, _>(by, " ORDER BY lease_until LIMIT 10000) expired")
    .get_result(conn)
    .await?;
    Ok(counted.count)
}

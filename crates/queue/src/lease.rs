use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult,
    sql_types::{Array, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{JobId, LeaseToken};

use crate::statement::statement;

/// Renews the leases of all running jobs of a process in one statement. Rows that are being finished are locked, and are
/// skipped: they need no lease any more. Answers how many were renewed.
///
/// # Errors
/// Those of the database.
pub async fn renew(
    conn: &mut AsyncPgConnection,
    held: &[(JobId, LeaseToken)],
    lease: Duration,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let (ids, tokens): (Vec<JobId>, Vec<LeaseToken>) = held.iter().copied().unzip();
    statement(
        "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), \
         held AS MATERIALIZED (SELECT j.id FROM jobs j JOIN unnest(",
    )
    .bind::<Array<Uuid>, _>(ids, ", ")
    .bind::<Array<Uuid>, _>(
        tokens,
        ") AS mine (id, token) ON j.id = mine.id AND j.lease_token = mine.token FOR UPDATE OF j SKIP LOCKED) \
         UPDATE jobs SET lease_until = ",
    )
    .bind::<Timestamptz, _>(now + lease, " FROM unhurried WHERE jobs.id = ANY(ARRAY(SELECT id FROM held))")
    .execute(conn)
    .await
}

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Finding, SHOWN};

#[derive(QueryableByName)]
struct Problem {
    #[diesel(sql_type = Text)]
    what: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A sweep finds an expired lease within five seconds; what is found later than ten is stuck.
const SWEPT_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// V10: no job runs with an expired lease, attempts stay within bounds, every dead job has its errors.
pub(super) async fn at_rest(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Finding> {
    let problems: Vec<Problem> = diesel::sql_query(
        "SELECT format('job %s (%s) runs with a lease that ended at %s', id, kind, lease_until) AS what FROM jobs \
         WHERE state = 'running' AND lease_until < $1 \
         UNION ALL SELECT format('job %s (%s) has %s attempts of %s', id, kind, attempt, max_attempts) FROM jobs \
         WHERE attempt > max_attempts \
         UNION ALL SELECT format('job %s (%s) is dead without an error', id, kind) FROM job_history \
         WHERE state = 'dead' AND jsonb_array_length(errors) = 0 LIMIT $2",
    )
    .bind::<Timestamptz, _>(now - SWEPT_WITHIN)
    .bind::<BigInt, _>(SHOWN)
    .load(conn)
    .await?;
    let count: Count = diesel::sql_query("SELECT count(*) AS count FROM jobs").get_result(conn).await?;
    Ok(Finding {
        check: "V10",
        about: "no job runs with an expired lease, attempts are within bounds, dead jobs have their errors",
        looked_at: count.count,
        violations: problems.into_iter().map(|problem| problem.what).collect(),
    })
}

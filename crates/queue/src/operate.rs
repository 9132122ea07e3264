use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryResult, QueryableByName,
    sql_types::{Jsonb, Nullable, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, JobId};

use crate::{
    hand_back::{Run, attempt_error},
    history::history_columns,
    statement::statement,
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Uuid)]
    id: JobId,
}

/// Gives a dead job all its attempts again, at once, and keeps its errors. If a twin with its key waits already, the twin
/// takes over and runs at once. Answers with the row that will run; `None` if no such job is dead.
///
/// `account` limits it to the jobs of one account; `None` is for instance operators.
///
/// # Errors
/// Those of the database.
pub async fn retry_dead(
    conn: &mut AsyncPgConnection,
    account: Option<AccountId>,
    job: JobId,
    now: DateTime<Utc>,
) -> QueryResult<Option<JobId>> {
    let row: Option<Row> = statement("WITH gone AS (DELETE FROM job_history WHERE state = 'dead' AND id = ")
        .bind::<Uuid, _>(job, " AND account_id IS NOT DISTINCT FROM coalesce(")
        .bind::<Nullable<Uuid>, _>(
            account,
            ", account_id) RETURNING *) INSERT INTO jobs (id, account_id, queue, kind, args, unique_key, priority, \
             max_attempts, trace, request_id, created_at, errors, state, run_at) SELECT id, account_id, queue, kind, args, \
             unique_key, priority, max_attempts, trace, request_id, created_at, errors, 'ready', ",
        )
        .bind::<Timestamptz, _>(
            now,
            " FROM gone ON CONFLICT (kind, unique_key) \
             WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'ready') \
             DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at), state = 'ready', dispatched_at = NULL, \
             errors = excluded.errors || jobs.errors RETURNING id",
        )
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| row.id))
}

/// Ends a job that waits; one that runs cannot be cancelled. Answers whether there was one.
///
/// `by` names who did it, as an id; `account` limits it to the jobs of one account.
///
/// # Errors
/// Those of the database.
pub async fn cancel(
    conn: &mut AsyncPgConnection,
    account: Option<AccountId>,
    job: JobId,
    by: &str,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let nobody = Run { attempt: 0, started_at: None, worker: None };
    let moved = statement("WITH gone AS (DELETE FROM jobs WHERE state IN ('scheduled', 'ready') AND id = ")
        .bind::<Uuid, _>(job, " AND account_id IS NOT DISTINCT FROM coalesce(")
        .bind::<Nullable<Uuid>, _>(
            account,
            concat!(
                ", account_id) RETURNING *) INSERT INTO job_history (",
                history_columns!(),
                ", crashes_alone, errors, state, finished_at) SELECT ",
                history_columns!(),
                ", crashes_alone, errors || "
            ),
        )
        .bind::<Jsonb, _>(attempt_error(&nobody, &format!("cancelled by {by}"), now), ", 'cancelled', ")
        .bind::<Timestamptz, _>(now, " FROM gone")
        .execute(conn)
        .await?;
    Ok(moved == 1)
}

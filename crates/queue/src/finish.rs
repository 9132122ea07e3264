use chrono::{DateTime, Utc};
use diesel::{
    QueryResult,
    sql_types::{Array, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{JobId, LeaseToken};

use crate::{history::history_columns, statement::statement};

/// Moves the jobs to the history as done, in the transaction of what they did, and answers whether the fence held for all
/// of them. If not, some other worker owns one by now: the caller must roll back.
///
/// It comes last in the transaction: the rows stay locked until the commit, and a held row cannot be renewed.
///
/// # Errors
/// Those of the database.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    ids: &[JobId],
    token: LeaseToken,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let moved = statement("WITH gone AS (DELETE FROM jobs WHERE id = ANY(")
        .bind::<Array<Uuid>, _>(ids, ") AND lease_token = ")
        .bind::<Uuid, _>(
            token,
            concat!(
                " RETURNING *) INSERT INTO job_history (",
                history_columns!(),
                ", crashes_alone, errors, state, finished_at) SELECT ",
                history_columns!(),
                ", crashes_alone, errors, 'done', "
            ),
        )
        .bind::<Timestamptz, _>(now, " FROM gone")
        .execute(conn)
        .await?;
    Ok(moved == ids.len())
}

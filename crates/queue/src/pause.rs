use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::{
    Queue,
    schema::{jobs, queue_pauses},
};

/// Stops the queue: nothing of it is dispatched or claimed; what runs ends. Pausing twice keeps the first pause.
///
/// # Errors
/// Those of the database.
pub async fn pause(
    conn: &mut AsyncPgConnection,
    queue: Queue,
    by: &str,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::insert_into(queue_pauses::table)
        .values((
            queue_pauses::queue.eq(queue.as_str()),
            queue_pauses::paused_at.eq(now),
            queue_pauses::paused_by.eq(by),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// Lets the queue go on. Ids that workers took from the lane and dropped during the pause are dispatched again.
///
/// # Errors
/// Those of the database.
pub async fn resume(conn: &mut AsyncPgConnection, queue: Queue) -> QueryResult<()> {
    conn.transaction(async |conn| {
        diesel::delete(queue_pauses::table.find(queue.as_str())).execute(conn).await?;
        diesel::update(jobs::table)
            .filter(jobs::queue.eq(queue.as_str()))
            .filter(jobs::state.eq("ready"))
            .filter(jobs::dispatched_at.is_not_null())
            .set(jobs::dispatched_at.eq(None::<DateTime<Utc>>))
            .execute(conn)
            .await?;
        Ok(())
    })
    .await
}

/// The queues that are paused.
///
/// # Errors
/// Those of the database.
pub async fn paused(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Queue>> {
    let names: Vec<String> =
        queue_pauses::table.select(queue_pauses::queue).order(queue_pauses::queue).load(conn).await?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::{Queue, schema::queue_pauses, statement::statement};

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
        // Enqueuers lock waiting rows in an order of their own. What they hold is skipped, or both would wait for each
        // other; the dispatcher misses its id in the lane soon enough.
        statement(
            "UPDATE jobs SET dispatched_at = NULL WHERE id = ANY(ARRAY(SELECT id FROM jobs WHERE queue = ",
        )
        .bind::<Text, _>(
            queue.as_str(),
            " AND state = 'ready' AND dispatched_at IS NOT NULL ORDER BY id FOR UPDATE SKIP LOCKED))",
        )
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

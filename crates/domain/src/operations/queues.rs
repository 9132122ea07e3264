use diesel_async::{AsyncConnection, AsyncPgConnection};
use queue::Queue;
use serde::Serialize;

use crate::{act::Act, audit};

#[derive(Serialize)]
struct Paused {
    paused: bool,
}

/// Stops a queue of the instance: nothing of it is started; what runs ends. Pausing twice keeps the first pause.
///
/// # Errors
/// The database's.
pub async fn pause(conn: &mut AsyncPgConnection, queue: Queue, act: &Act) -> diesel::QueryResult<()> {
    conn.transaction(async |conn| {
        queue::pause(conn, queue, &act.actor.to_string(), act.now).await?;
        note(conn, queue, "queuePause", true, act).await
    })
    .await
}

/// Lets a queue of the instance go on.
///
/// # Errors
/// The database's.
pub async fn resume(conn: &mut AsyncPgConnection, queue: Queue, act: &Act) -> diesel::QueryResult<()> {
    conn.transaction(async |conn| {
        queue::resume(conn, queue).await?;
        note(conn, queue, "queueResume", false, act).await
    })
    .await
}

async fn note(
    conn: &mut AsyncPgConnection,
    queue: Queue,
    action: &str,
    paused: bool,
    act: &Act,
) -> diesel::QueryResult<()> {
    audit::record_for(conn, act, None, action, queue, (None, Some(&Paused { paused }))).await
}

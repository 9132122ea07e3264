use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use ids::IdSource;

use crate::{held_connection::HeldConnection, run::Runner};

/// Gives events their positions and enqueues what they cause: one batch in one transaction, and how many there were.
pub type Sequence = for<'a> fn(
    &'a mut AsyncPgConnection,
    DateTime<Utc>,
    &'a IdSource,
) -> Pin<Box<dyn Future<Output = QueryResult<usize>> + Send + 'a>>;

/// The least time between two looks: a burst of wake-ups is one look.
const BREATH: Duration = Duration::from_millis(1);

/// Sequences whenever it is woken, and every `every`; dispatches what that enqueued at once. Never ends.
pub(crate) async fn run(sequence: Sequence, runner: Arc<Runner>, every: Duration) {
    let mut connection = HeldConnection::new(runner.db.clone());
    loop {
        match sequence_once(sequence, &mut connection, &runner).await {
            // There may be more.
            Ok(events) if events > 0 => {
                runner.signals.dispatch.notify_one();
                runner.signals.feed.notify_one();
                continue;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "events could not be sequenced");
                connection.release();
                tokio::time::sleep(every * 4).await;
            }
        }
        tokio::time::sleep(BREATH).await;
        let _ = tokio::time::timeout(every, runner.signals.sequence.notified()).await;
    }
}

async fn sequence_once(
    sequence: Sequence,
    connection: &mut HeldConnection,
    runner: &Runner,
) -> QueryResult<usize> {
    let conn = connection.get().await?;
    sequence(conn, runner.clock.now(), &runner.ids).await
}

use std::{sync::Arc, time::Duration};

use domain::{clock::Clock, db::Db};

use crate::{held_connection::HeldConnection, signals::Signals};

/// Takes back jobs whose workers died. Every process does: a sweep is a bounded index read. Never ends.
pub(crate) async fn sweep(db: Db, clock: Clock, signals: Arc<Signals>, every: Duration) {
    let mut connection = HeldConnection::new(db);
    loop {
        match sweep_once(&mut connection, &clock).await {
            Ok(0) => {}
            Ok(swept) => {
                tracing::warn!(jobs = swept, "jobs of dead workers were taken back");
                signals.dispatch.notify_one();
            }
            Err(error) => {
                tracing::warn!(%error, "expired leases could not be looked for");
                connection.release();
            }
        }
        tokio::time::sleep(every).await;
    }
}

async fn sweep_once(connection: &mut HeldConnection, clock: &Clock) -> diesel::QueryResult<usize> {
    let conn = connection.get().await?;
    Ok(queue::sweep(conn, clock.now()).await?.len())
}

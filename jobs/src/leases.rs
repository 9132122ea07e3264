use domain::{clock::Clock, db::Db};
use std::{sync::Arc, time::Duration};

use crate::{held_connection::HeldConnection, running::Running};

/// Renews the leases of all that this process runs, three times within a lease, on a connection of its own. Never ends.
pub(crate) async fn keep(db: Db, clock: Clock, running: Arc<Running>, lease: Duration) {
    let mut connection = HeldConnection::new(db);
    let mut pause = lease / 3;
    loop {
        tokio::time::sleep(pause).await;
        let held = running.renewable();
        if held.is_empty() {
            continue;
        }
        pause = match renew(&mut connection, &held, lease, &clock).await {
            Ok(renewed) => {
                tracing::trace!(held = held.len(), renewed, "leases were renewed");
                lease / 3
            }
            Err(error) => {
                tracing::warn!(%error, jobs = held.len(), "leases could not be renewed");
                connection.release();
                (lease / 30).max(Duration::from_millis(50))
            }
        };
    }
}

async fn renew(
    connection: &mut HeldConnection,
    held: &[(ids::JobId, ids::LeaseToken)],
    lease: Duration,
    clock: &Clock,
) -> diesel::QueryResult<usize> {
    let conn = connection.get().await?;
    queue::renew(conn, held, lease, clock.now()).await
}

use std::{sync::Arc, time::Duration};

use domain::{clock::Clock, db::Db};
use ids::IdSource;
use queue::Schedule;

use crate::signals::Signals;

/// Fires schedules whose time has come. Every process looks; a row's lock keeps each slot to one of them. Never ends.
pub(crate) async fn fire(
    db: Db,
    clock: Clock,
    ids: IdSource,
    signals: Arc<Signals>,
    schedules: Vec<Schedule>,
    every: Duration,
) {
    let mut registered = false;
    loop {
        let fired = async {
            let mut conn = db.get().await?;
            if !registered {
                queue::register(&mut conn, &schedules, clock.now()).await?;
                registered = true;
            }
            queue::fire_due(&mut conn, &ids, &schedules, clock.now()).await
        };
        match fired.await {
            Ok(0) => {}
            Ok(_) => signals.dispatch.notify_one(),
            Err(error) => tracing::warn!(%error, "schedules could not be looked at"),
        }
        tokio::time::sleep(every).await;
    }
}

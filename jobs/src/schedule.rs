use std::{sync::Arc, time::Duration};

use queue::Schedule;

use crate::run::Runner;

/// Fires schedules whose time has come. Every process looks; a row's lock keeps each slot to one of them. Never ends.
pub(crate) async fn fire(runner: Arc<Runner>, schedules: Vec<Schedule>, every: Duration) {
    let mut registered = false;
    loop {
        let fired = async {
            let mut conn = runner.db.get().await?;
            if !registered {
                queue::register(&mut conn, &schedules, runner.clock.now()).await?;
                registered = true;
            }
            queue::fire_due(&mut conn, &runner.ids, &schedules, runner.clock.now()).await
        };
        match fired.await {
            Ok(0) => {}
            Ok(_) => runner.signals.dispatch.notify_one(),
            Err(error) => tracing::warn!(%error, "schedules could not be looked at"),
        }
        tokio::time::sleep(every).await;
    }
}

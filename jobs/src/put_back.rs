use std::{sync::Arc, time::Duration};

use ids::JobId;
use queue::Waiting;

use crate::{
    lane::{Entry, Lane},
    registry::Facts,
    run::Runner,
};

/// Puts ids that a claim missed back to the lane as soon as whoever held their rows has let go of them: an enqueuer that
/// counts on the waiting twin holds it until its commit, and the job must run right after that.
///
/// Looks after 2, 4, .. 512 ms, about a second in all; what is held longer is found by the dispatcher.
pub(crate) async fn put_back(lane: Lane, runner: Arc<Runner>, facts: Facts, mut missed: Vec<JobId>) {
    for power in 1..=9 {
        tokio::time::sleep(Duration::from_millis(1 << power)).await;
        let looked = async {
            let mut conn = runner.db.get().await?;
            queue::waiting(&mut conn, &missed, facts.serial, runner.clock.now()).await
        };
        let Ok(waiting) = looked.await else { return };
        let (free, held): (Vec<Waiting>, Vec<Waiting>) = waiting.into_iter().partition(|row| row.free);
        let entries: Vec<Entry> = free.iter().map(|row| Entry { id: row.id, alone: row.alone }).collect();
        if !entries.is_empty()
            && let Err(error) = lane.put_back(facts.queue.as_str(), facts.kind, &entries).await
        {
            tracing::debug!(%error, "ids could not be put back; they are dispatched again");
        }
        missed = held.iter().map(|row| row.id).collect();
        if missed.is_empty() {
            return;
        }
    }
}

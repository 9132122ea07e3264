use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use queue::{Beat, Queue};

use crate::run::Runner;

/// How often a process tells of itself.
const EVERY: Duration = Duration::from_secs(5);

/// Writes down what ended in this process, and that it lives, again and again. Never ends.
pub(crate) async fn tell(runner: Arc<Runner>, queues: Vec<Queue>, kinds: BTreeMap<&'static str, Queue>) {
    let started_at = runner.clock.now();
    loop {
        if let Err(error) = tell_once(&runner, &queues, &kinds, started_at).await {
            // What was counted is lost: a figure of a few seconds, and no fact.
            tracing::debug!(%error, "this process could not tell of itself");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn tell_once(
    runner: &Runner,
    queues: &[Queue],
    kinds: &BTreeMap<&'static str, Queue>,
    started_at: DateTime<Utc>,
) -> QueryResult<()> {
    let tally = runner.metrics.take_tally();
    let mut ended: BTreeMap<Queue, u64> = BTreeMap::new();
    for (kind, jobs) in tally.ended {
        if let Some(queue) = kinds.get(kind) {
            *ended.entry(*queue).or_default() += jobs;
        }
    }
    let beat = Beat {
        worker: runner.worker,
        queues: queues.to_vec(),
        started_at,
        claimed_at: tally.claimed_at,
        ended: ended.into_iter().collect(),
    };
    queue::beat(&mut *runner.db.get().await?, &beat, runner.clock.now()).await
}

use chrono::TimeDelta;
use queue::{Job, Queue};
use serde::{Deserialize, Serialize};

/// How long deltas gather before they are folded.
pub const FOLD_DELAY: TimeDelta = TimeDelta::milliseconds(250);

/// Folds deltas into the rollups, a batch at a time. Enqueued for a moment after the events that deltas come with, and by
/// a schedule each minute.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FoldStats {}

impl Job for FoldStats {
    const KIND: &'static str = "stats.fold";
    const QUEUE: Queue = Queue::Stats;

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

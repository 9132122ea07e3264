use std::time::Duration;

use ids::ProgramId;
use queue::{Job, Queue, Retry};
use serde::{Deserialize, Serialize};

/// Computes the rewards of a program from where its cursor stands. At most one waits per program; a run that finds more
/// than a batch enqueues the next.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComputeRewards {
    /// The program.
    pub program_id: ProgramId,
}

impl Job for ComputeRewards {
    const KIND: &'static str = "rewards.compute";
    const QUEUE: Queue = Queue::Rewards;
    const RETRY: Retry = Retry { max_attempts: 10, cap: Duration::from_secs(600) };
    /// Most runs take a second. One counts the whole history anew, when terms look back on what was not counted yet; and
    /// one moves all the past of a customer at once.
    const MAX_RUN: Duration = Duration::from_secs(900);
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(self.program_id.to_string())
    }
}

/// Releases the rewards whose hold has ended, of all programs, a batch at a time. A schedule enqueues it each minute.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReleaseDueRewards {}

impl Job for ReleaseDueRewards {
    const KIND: &'static str = "rewards.release_due";
    const QUEUE: Queue = Queue::Rewards;

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

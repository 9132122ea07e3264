use std::time::Duration;

use ids::OperationId;
use queue::{Job, Queue, Retry};
use serde::{Deserialize, Serialize};

/// Runs terms over the recorded history of their program. It holds that history in memory, so a process runs one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulateTerms {
    /// The operation that it does.
    pub operation_id: OperationId,
}

impl Job for SimulateTerms {
    const KIND: &'static str = "terms.simulate";
    const QUEUE: Queue = Queue::Maintenance;
    const RETRY: Retry = Retry { max_attempts: 3, cap: Duration::from_secs(60) };
    const MAX_RUN: Duration = Duration::from_secs(900);
    const CONCURRENCY: usize = 1;

    fn unique_key(&self) -> Option<String> {
        Some(self.operation_id.to_string())
    }
}

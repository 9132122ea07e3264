use std::time::Duration;

use ids::AccountId;
use queue::{Job, Queue, Retry};
use serde::{Deserialize, Serialize};

/// Imports the feed at an address for an account. The address was admitted when it was asked for, and is again when it is called.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportRates {
    /// For which account.
    pub account_id: AccountId,
    /// From where.
    pub url: String,
}

impl Job for ImportRates {
    const KIND: &'static str = "rates.import";
    const QUEUE: Queue = Queue::Imports;
    const RETRY: Retry = Retry { max_attempts: 8, cap: Duration::from_secs(3600) };
    /// The call takes at most half a minute; a history of all days is a quarter of a million rates.
    const MAX_RUN: Duration = Duration::from_secs(300);
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(format!("{} {}", self.account_id, self.url))
    }
}

use queue::{Job, Queue};
use serde::{Deserialize, Serialize};

/// Expires invites that nobody accepted in time, of all accounts, a batch at a time. A schedule enqueues it each minute.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ExpireInvites {}

impl Job for ExpireInvites {
    const KIND: &'static str = "team.expire_invites";
    const QUEUE: Queue = Queue::Invites;

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

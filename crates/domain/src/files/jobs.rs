use ids::FileId;
use queue::{Job, Queue};
use serde::{Deserialize, Serialize};

/// Seals files by the present key that an older one sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResealFiles {
    /// Those behind it; all, if there is none.
    pub after: Option<FileId>,
}

impl Job for ResealFiles {
    const KIND: &'static str = "files.reseal";
    const QUEUE: Queue = Queue::Payouts;

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

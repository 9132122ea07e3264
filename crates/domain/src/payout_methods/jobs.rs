use ids::PayoutMethodId;
use queue::{Job, Queue};
use serde::{Deserialize, Serialize};

/// Seals by the present key what was sealed by an older one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResealPayoutMethods {
    /// Those behind it; all, if there is none.
    pub after: Option<PayoutMethodId>,
}

impl Job for ResealPayoutMethods {
    const KIND: &'static str = "payout_methods.reseal";
    const QUEUE: Queue = Queue::Payouts;

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

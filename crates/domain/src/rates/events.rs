use chrono::{DateTime, Utc};
use money::Currency;
use serde::{Deserialize, Serialize};

/// The payload of `rate.stored`.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredPayload {
    /// What is converted.
    pub from: Currency,
    /// What it is converted to: the program's currency.
    pub to: Currency,
    /// From when on it counts; of several that were stored at once, the earliest.
    pub at: DateTime<Utc>,
}

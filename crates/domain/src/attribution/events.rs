use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId};
use serde::{Deserialize, Serialize};

use super::AttributionSource;

/// The payload of `customer.attributed`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributedPayload {
    /// The customer.
    pub customer_id: CustomerId,
    /// The partner.
    pub partner_id: PartnerId,
    /// What it rests on.
    pub source: AttributionSource,
    /// The instant that terms and durations count from.
    pub attributed_at: DateTime<Utc>,
}

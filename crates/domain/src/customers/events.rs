use ids::CustomerId;
use serde::{Deserialize, Serialize};

/// The payload of `customer.created` and `customer.updated`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerPayload {
    /// The customer.
    pub customer_id: CustomerId,
}

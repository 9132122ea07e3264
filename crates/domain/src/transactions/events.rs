use ids::{CustomerId, TransactionId};
use serde::{Deserialize, Serialize};

/// The payload of `transaction.recorded`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedPayload {
    /// The sale.
    pub transaction_id: TransactionId,
    /// Who bought.
    pub customer_id: CustomerId,
}

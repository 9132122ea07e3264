use ids::AdjustmentId;
use serde::{Deserialize, Serialize};

use super::AdjustmentKind;

/// The payload of `transaction.adjusted`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdjustedPayload {
    /// The adjustment.
    pub adjustment_id: AdjustmentId,
    /// The key of its sale, which may not have arrived; null of a won dispute whose chargeback has not.
    pub transaction_key: Option<String>,
    /// What happened.
    pub kind: AdjustmentKind,
}

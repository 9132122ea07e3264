use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId};
use serde::{Deserialize, Serialize};

use super::AttributionSource;
use crate::text_enum;

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

text_enum! {
    /// What becomes of the rewards that were earned through a customer who is reassigned.
    PastRewards {
        /// They stay the partner's who earned them.
        Keep = "KEEP",
        /// Those that are neither reserved nor paid are reversed, and evaluated again for the new partner.
        Move = "MOVE",
    }
}

/// The payload of `customer.reassigned`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReassignedPayload {
    /// The customer.
    pub customer_id: CustomerId,
    /// Whose it was; nobody's if it had no partner.
    pub from_partner_id: Option<PartnerId>,
    /// Whose it is; nobody's if the attribution was revoked.
    pub to_partner_id: Option<PartnerId>,
    /// The instant that terms and durations count from: that of the first attribution.
    pub attributed_at: DateTime<Utc>,
    /// What becomes of past rewards.
    pub past_rewards: PastRewards,
}

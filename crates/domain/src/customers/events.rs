use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId};
use serde::{Deserialize, Serialize};

/// The payload of `customer.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedPayload {
    /// The customer.
    pub customer_id: CustomerId,
    /// When it signed up: the time of the sign-up.
    pub signed_up_at: DateTime<Utc>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The caller's own marks, sorted.
    pub tags: Vec<String>,
    /// The partner that the same call attributes it to; `customer.attributed` follows.
    pub partner_id: Option<PartnerId>,
    /// Whether the sign-up counts: not before `customer.confirmed` if it is false.
    pub confirmed: bool,
}

/// The payload of `customer.updated`: as the customer is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatedPayload {
    /// The customer.
    pub customer_id: CustomerId,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The caller's own marks, sorted.
    pub tags: Vec<String>,
}

/// The payload of `customer.confirmed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmedPayload {
    /// The customer.
    pub customer_id: CustomerId,
    /// Since when the sign-up counts.
    pub confirmed_at: DateTime<Utc>,
}

//! What an evaluation is made from. Stored with each evaluation, so that it can be made again: complete, and without
//! personal data.

use chrono::{DateTime, Utc};
use money::{Currency, Rate};
use serde::{Deserialize, Serialize};

use crate::{terms::SelfReferral, transactions::Line};

/// The facts of a sale when it is evaluated. `P` names a partner: a `PartnerId`, or the text of a written history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaleFacts<P> {
    /// The sale's own time.
    pub occurred_at: DateTime<Utc>,
    /// The sale's currency.
    pub currency: Currency,
    /// In minor units of the sale's currency.
    pub gross: i64,
    /// gross - discount - tax, in minor units of the sale's currency.
    pub net: i64,
    /// The lines; they sum to the net.
    pub lines: Vec<Line>,
    /// False if the sale is marked as not to be rewarded.
    pub rewardable: bool,
    /// The program's currency: that of the rewards.
    pub program_currency: Currency,
    /// From the sale's currency to the program's: 1 if they are the same, absent if none is stored that counts.
    pub rate: Option<Rate>,
    /// Through whom the customer came, if through anybody.
    pub attribution: Option<AttributionFacts<P>>,
    /// What becomes of self-referred sales while no version of the terms is in force: the first version's policy.
    pub self_referral_without_terms: SelfReferral,
}

/// The customer's attribution, as it was when the sale was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributionFacts<P> {
    /// The partner.
    pub partner: P,
    /// When the customer was attributed.
    pub at: DateTime<Utc>,
    /// Whether the partner was approved.
    pub partner_approved: bool,
    /// Whether the customer is the partner, by their emails.
    pub self_referred: bool,
}

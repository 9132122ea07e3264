//! What an evaluation is made from. Stored with each evaluation, so that it can be made again: complete, and without
//! names or addresses.

use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId, TransactionId};
use money::{Currency, Rate};
use serde::{Deserialize, Serialize};

use crate::{calendar::Calendar, terms::SelfReferral, transactions::Line};

/// The facts of a sign-up or sale, as they were when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The event's own time.
    pub occurred_at: DateTime<Utc>,
    /// The sale; absent of a sign-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<SaleFacts>,
    /// Whose event it is.
    pub customer: CustomerFacts,
    /// Through whom the customer came, if through anybody.
    pub attribution: Option<AttributionFacts>,
    /// The program's currency.
    pub program_currency: Currency,
    /// The program's calendar.
    pub calendar: Calendar,
    /// What becomes of self-referred events while no version of the terms is in force: the first version's policy.
    pub self_referral_without_terms: SelfReferral,
    /// What is left of the program's budget, in minor units of its currency, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_left: Option<i64>,
    /// Whether a person rejected a reward of the event, when it was another partner's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rejected_before: bool,
}

/// A sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaleFacts {
    /// Its currency.
    pub currency: Currency,
    /// In minor units of its currency.
    pub gross: i64,
    /// gross - discount - tax, in minor units of its currency.
    pub net: i64,
    /// The lines; they sum to the net.
    pub lines: Vec<Line>,
    /// False if it is marked as not to be rewarded.
    pub rewardable: bool,
    /// The coupon that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    /// From its currency to the program's: the latest stored at or before its time, however old.
    pub rate: Option<RateFacts>,
    /// 1 + the customer's earlier sales that count.
    pub index: u32,
    /// When the customer's first recorded sale that counts was; this one's time if it is that.
    pub first_sale_at: Option<DateTime<Utc>>,
    /// An earlier sale of the customer's of the same gross and currency: the nearest in time, of those that were looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<Twin>,
}

/// An exchange rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateFacts {
    /// Units of the program's currency for one of the sale's.
    pub rate: Rate,
    /// The rate's own time; absent where both are the same currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

/// A sale that looks like this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Twin {
    /// Which.
    pub transaction: TransactionId,
    /// Its own time.
    pub occurred_at: DateTime<Utc>,
}

/// The customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerFacts {
    /// Who.
    pub id: CustomerId,
    /// When they signed up.
    pub since: DateTime<Utc>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The caller's marks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Whether they are nobody's after a partner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost_partner: bool,
}

/// The customer's attribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributionFacts {
    /// The partner.
    pub partner: PartnerId,
    /// When the customer was attributed first.
    pub at: DateTime<Utc>,
    /// Whether the partner was approved.
    pub partner_approved: bool,
    /// Whether the partner was suspended: then they are not approved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partner_suspended: bool,
    /// Whether the customer is the partner, by their addresses.
    pub self_referred: bool,
    /// The partner's group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The partner's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The partners above, the nearest first, at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uplines: Vec<UplineFacts>,
}

/// A partner above the attributed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UplineFacts {
    /// Who.
    pub partner: PartnerId,
    /// Whether they were approved.
    pub approved: bool,
    /// Whether the customer is this partner, by their addresses.
    pub self_referred: bool,
}

impl Facts {
    /// The sale's index; 0 of a sign-up.
    pub(super) fn index(&self) -> u32 {
        self.sale.as_ref().map_or(0, |sale| sale.index)
    }
}

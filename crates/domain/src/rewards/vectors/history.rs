//! A written history, as the vectors' format has it.

use chrono::{DateTime, Utc};
use money::{Currency, Rate, Rounding};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::{programs::Grandfathering, terms::SelfReferral};

/// One line of the file.
#[derive(Debug, Deserialize)]
pub(super) struct History {
    pub(super) name: String,
    pub(super) program: Program,
    pub(super) terms: Vec<Terms>,
    pub(super) partners: Vec<Partner>,
    #[serde(default)]
    pub(super) rates: Vec<StoredRate>,
    pub(super) events: Vec<Event>,
}

/// The program, with the policies that stand for all versions of its terms.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Program {
    pub(super) currency: Currency,
    pub(super) rounding: Rounding,
    pub(super) hold_days: i32,
    pub(super) self_referral: SelfReferral,
    pub(super) grandfathering: Grandfathering,
    #[serde(default = "utc")]
    pub(super) time_zone: String,
    pub(super) rate_max_age_days: Option<i32>,
    /// Of this command's own: what all rewards in the program's currency may come to.
    pub(super) budget: Option<String>,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// An exchange rate that is stored before everything else, in this order.
#[derive(Debug, Deserialize)]
pub(super) struct StoredRate {
    pub(super) from: Currency,
    pub(super) to: Currency,
    pub(super) rate: Rate,
    pub(super) at: DateTime<Utc>,
}

/// A published version.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Terms {
    pub(super) number: i32,
    pub(super) effective_from: DateTime<Utc>,
    pub(super) rules: Json,
}

/// A partner at the beginning.
#[derive(Debug, Deserialize)]
pub(super) struct Partner {
    pub(super) id: String,
    pub(super) status: Status,
    pub(super) email: Option<String>,
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) upline: Option<String>,
}

/// A partner's status: only whether it is approved counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Invited,
    Pending,
    Approved,
    Suspended,
    Rejected,
    Banned,
    Archived,
}

/// What happened, in recorded order.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Event {
    Customer(Customer),
    Sale(Sale),
    PartnerStatus { partner: String, status: Status },
    Refund(Refund),
    Chargeback(Adjustment),
    Void(Adjustment),
    ChargebackWon(Won),
}

/// A refund of net. Its lines, if it names some, beat its amount.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) transaction: String,
    pub(super) at: DateTime<Utc>,
    #[serde(default)]
    pub(super) amount: String,
    pub(super) lines: Option<Vec<LineOut>>,
}

/// What is refunded of one line.
#[derive(Debug, Deserialize)]
pub(super) struct LineOut {
    pub(super) line: usize,
    pub(super) amount: String,
}

/// An adjustment of a whole sale.
#[derive(Debug, Deserialize)]
pub(super) struct Adjustment {
    pub(super) id: String,
    pub(super) transaction: String,
    pub(super) at: DateTime<Utc>,
}

/// The end of a chargeback that came to nothing.
#[derive(Debug, Deserialize)]
pub(super) struct Won {
    pub(super) id: String,
    pub(super) adjustment: String,
    pub(super) at: DateTime<Utc>,
}

/// A customer, attributed at once if a partner is named.
#[derive(Debug, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) at: DateTime<Utc>,
    pub(super) partner: Option<String>,
    pub(super) email: Option<String>,
    pub(super) country: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
}

/// A sale. Amounts are decimal texts in major units.
#[derive(Debug, Deserialize)]
pub(super) struct Sale {
    pub(super) id: String,
    pub(super) customer: String,
    pub(super) at: DateTime<Utc>,
    pub(super) currency: Currency,
    pub(super) gross: String,
    pub(super) discount: String,
    pub(super) tax: String,
    #[serde(default)]
    pub(super) items: Vec<Item>,
    #[serde(default = "yes")]
    pub(super) rewardable: bool,
    pub(super) coupon: Option<String>,
}

fn yes() -> bool {
    true
}

/// An item of a sale.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) product_id: Option<String>,
    pub(super) product_type: Option<String>,
    pub(super) quantity: i32,
    pub(super) amount: String,
}

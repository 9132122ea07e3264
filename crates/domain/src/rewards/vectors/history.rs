//! A written history, as the vectors' format has it. What no rule can read yet (groups, tags, uplines, countries,
//! coupons, time zones) is left unread.

use chrono::{DateTime, Utc};
use money::{Currency, Rounding};
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
    pub(super) rates: Vec<Json>,
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
    ChargebackWon { id: String, adjustment: String },
}

/// A refund of net. Its lines, if it names some, beat its amount.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) transaction: String,
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
}

/// A customer, attributed at once if a partner is named.
#[derive(Debug, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) at: DateTime<Utc>,
    pub(super) partner: Option<String>,
    pub(super) email: Option<String>,
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

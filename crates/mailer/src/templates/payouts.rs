//! The variables of emails about payouts.

use serde::Serialize;

use crate::Template;

/// What every email about a payout says of it.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutWords {
    /// Who is paid.
    pub partner_name: String,
    /// The program.
    pub program_name: String,
    /// The amount with its currency.
    pub amount: String,
    /// Where it goes, masked.
    pub method: String,
}

/// What every email about a batch says of it.
#[derive(Debug, Clone, Serialize)]
pub struct BatchWords {
    /// The program.
    pub program_name: String,
    /// What its payouts come to, with the currency.
    pub total: String,
    /// How many payouts it has.
    pub payouts: i32,
    /// Over what it is paid, like `PayPal`.
    pub rail: String,
}

/// To an owner: a payout waits for a decision.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutRequested {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
}

/// To a partner: the payout will be made.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutApproved {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
}

/// To a partner: the payout will not be made.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutRejected {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
    /// What was said, if anything.
    pub reason: Option<String>,
}

/// To a partner: a payout that was asked for was taken back.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutCancelled {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
}

/// To a partner: something is to be changed before a payout is decided about.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutChangesRequested {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
    /// What was said, if anything.
    pub reason: Option<String>,
}

/// To a partner: the payout was made.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutPaid {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
    /// What the provider calls it, if it said so.
    pub reference: Option<String>,
}

/// To a partner: the payout could not be made.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutFailed {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
    /// What was said, if anything.
    pub reason: Option<String>,
}

/// To a partner or an owner: the payout was made and came back.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutReturned {
    /// Which payout.
    #[serde(flatten)]
    pub payout: PayoutWords,
    /// What was said, if anything.
    pub reason: Option<String>,
    /// Whether it goes to an owner, and not to the partner.
    pub to_owner: bool,
}

/// To a partner: payouts go to another place from now on.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutMethodChanged {
    /// The recipient.
    pub partner_name: String,
    /// The program for which it was said.
    pub program_name: String,
    /// The place, masked.
    pub method: String,
    /// When, like `22 December 2026, 23:30 UTC`.
    pub changed_at: String,
}

/// To a partner: payouts go nowhere for now.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutMethodArchived {
    /// The recipient.
    pub partner_name: String,
    /// The program for which it was said.
    pub program_name: String,
    /// The place that was put away, masked.
    pub method: String,
    /// When, like `22 December 2026, 23:30 UTC`.
    pub changed_at: String,
}

/// To an owner: a batch is fixed.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutBatchFrozen {
    /// Which batch.
    #[serde(flatten)]
    pub batch: BatchWords,
    /// Whether another person has to approve it.
    pub needs_approval: bool,
}

/// To an owner: each payout of a batch has ended.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutBatchCompleted {
    /// Which batch.
    #[serde(flatten)]
    pub batch: BatchWords,
    /// How many were not paid.
    pub unpaid: i32,
}

impl Template for PayoutRequested {
    const NAME: &'static str = "payout_requested";
}

impl Template for PayoutApproved {
    const NAME: &'static str = "payout_approved";
}

impl Template for PayoutRejected {
    const NAME: &'static str = "payout_rejected";
}

impl Template for PayoutCancelled {
    const NAME: &'static str = "payout_cancelled";
}

impl Template for PayoutChangesRequested {
    const NAME: &'static str = "payout_changes_requested";
}

impl Template for PayoutPaid {
    const NAME: &'static str = "payout_paid";
}

impl Template for PayoutFailed {
    const NAME: &'static str = "payout_failed";
}

impl Template for PayoutReturned {
    const NAME: &'static str = "payout_returned";
}

impl Template for PayoutMethodChanged {
    const NAME: &'static str = "payout_method_changed";
}

impl Template for PayoutMethodArchived {
    const NAME: &'static str = "payout_method_archived";
}

impl Template for PayoutBatchFrozen {
    const NAME: &'static str = "payout_batch_frozen";
}

impl Template for PayoutBatchCompleted {
    const NAME: &'static str = "payout_batch_completed";
}

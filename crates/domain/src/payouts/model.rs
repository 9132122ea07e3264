use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{
    AccountId, FileId, PartnerId, PayoutBatchId, PayoutId, PayoutMethodId, PayoutSubmissionId, ProgramId,
};
use money::{Currency, Money};
use serde::Serialize;

use crate::{payout_policies::FeePayer, schema::payouts, text_enum};

text_enum! {
    /// Where a payout stands.
    PayoutStatus {
        /// Asked for, and waits for a decision. Its amount is reserved from here on.
        Requested = "REQUESTED",
        /// Something is to be changed before it is decided about.
        NeedsChanges = "NEEDS_CHANGES",
        /// Waits for a batch.
        Approved = "APPROVED",
        /// In a batch that is not executed yet.
        Batched = "BATCHED",
        /// On its way: whether it arrived is not known yet.
        Sending = "SENDING",
        /// Paid.
        Paid = "PAID",
        /// Could not be made; its amount is available again.
        Failed = "FAILED",
        /// Was made and came back; its amount is available again.
        Returned = "RETURNED",
        /// Turned down; its amount is available again.
        Rejected = "REJECTED",
        /// Taken back before it was sent; its amount is available again.
        Cancelled = "CANCELLED",
    }
}

impl PayoutStatus {
    /// Whether it still holds its items.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Failed | Self::Returned | Self::Rejected | Self::Cancelled)
    }
}

/// What a partner is paid at once. Its items and its amount never change (M9).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = payouts)]
pub struct Payout {
    /// Its id.
    pub id: PayoutId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Who is paid.
    pub partner_id: PartnerId,
    /// The currency of its items.
    pub currency: Currency,
    /// The sum of its items, in minor units, above 0.
    pub amount: i64,
    /// How many items it has.
    pub items: i32,
    /// SHA-256 of partner, currency, amount and items.
    #[serde(skip)]
    pub content_hash: Vec<u8>,
    /// Where the money goes.
    pub method_id: PayoutMethodId,
    /// Who bears what the provider charges, as the policy said when it was made.
    pub fee_payer: FeePayer,
    /// Where it stands.
    pub status: PayoutStatus,
    /// Whether a batch made it, and nobody asked for it.
    pub by_batch: bool,
    /// The batch that it is in, or was cancelled or failed in.
    pub batch_id: Option<PayoutBatchId>,
    /// What it was sent with.
    pub submission_id: Option<PayoutSubmissionId>,
    /// The failed or returned payout that it tries again.
    pub retry_of: Option<PayoutId>,
    /// The partner's invoice.
    pub invoice_id: Option<FileId>,
    /// What was said with the last decision or failure.
    pub reason: Option<String>,
    /// The provider's word for why it failed.
    pub failure_code: Option<String>,
    /// What the provider calls it.
    pub provider_reference: Option<String>,
    /// What the provider charged, in minor units of `fee_currency`.
    pub fee: Option<i64>,
    /// The currency of the fee.
    pub fee_currency: Option<Currency>,
    /// Who asked for it, as [`Actor`](crate::act::Actor) prints; of a batch, who prepared that.
    pub requested_by: String,
    /// Who approved the request.
    pub approved_by: Option<String>,
    /// When it was asked for, or made by a batch.
    pub created_at: DateTime<Utc>,
    /// When the request was approved.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it went on its way.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was paid, or ended otherwise.
    pub ended_at: Option<DateTime<Utc>>,
    /// When its state last changed.
    pub updated_at: DateTime<Utc>,
}

impl Payout {
    /// The amount as money.
    pub fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// The fee as money.
    pub fn fee_money(&self) -> Option<Money> {
        Some(Money::new(self.fee?, self.fee_currency?))
    }
}

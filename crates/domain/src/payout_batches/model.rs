use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, PartnerId, PayoutBatchId, ProgramId};
use money::{Currency, Money};
use serde::Serialize;

use super::Rail;
use crate::{payout_policies::PayoutMethodKind, payouts::Reach, schema::payout_batches, text_enum};

text_enum! {
    /// Where a batch stands.
    BatchStatus {
        /// Its ranges are being frozen.
        Draft = "DRAFT",
        /// Fixed, and waits for another person.
        AwaitingApproval = "AWAITING_APPROVAL",
        /// Can be executed.
        Approved = "APPROVED",
        /// Its payouts are on their way.
        Executing = "EXECUTING",
        /// Each of its payouts was paid.
        Completed = "COMPLETED",
        /// Each of its payouts has ended, and not all were paid.
        PartlyFailed = "PARTLY_FAILED",
        /// Nothing was paid; everything is available again. Also when there was nothing to pay.
        Cancelled = "CANCELLED",
    }
}

text_enum! {
    /// Who made it.
    BatchOrigin {
        /// A person or a key.
        Manual = "MANUAL",
        /// The program's schedule.
        Schedule = "SCHEDULE",
        /// Somebody who tries failed payouts of another batch again.
        Retry = "RETRY",
    }
}

/// Payouts of a program, of one currency, over one rail.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = payout_batches)]
pub struct PayoutBatch {
    /// Its id.
    pub id: PayoutBatchId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The currency of its payouts.
    pub currency: Currency,
    /// Over what it is paid.
    pub rail: Rail,
    /// Where it stands.
    pub status: BatchStatus,
    /// Who made it.
    pub origin: BatchOrigin,
    /// Whether another person approves it.
    pub four_eyes: bool,
    /// It takes rewards that were released by then.
    pub cutoff_at: DateTime<Utc>,
    /// The kinds of methods that it pays by; if `None`, all that its rail reaches, or the one that it is beyond.
    pub methods: Option<Vec<PayoutMethodKind>>,
    /// The only partners that it may take; all if `None`.
    pub partners: Option<Vec<PartnerId>>,
    /// The rail that does not reach the accounts which it pays to; it pays to all if `None`.
    pub beyond: Option<Rail>,
    /// The batch whose failed payouts it tries again.
    pub retry_of: Option<PayoutBatchId>,
    /// Up to where its ranges are frozen: a partner, or of a retry a payout.
    pub frozen_up_to: Option<uuid::Uuid>,
    /// How many payouts it has.
    pub payouts: i32,
    /// What they come to, in minor units.
    pub total: i64,
    /// SHA-256 of its payouts with their items and methods, once it is fixed.
    #[serde(skip)]
    pub content_hash: Option<Vec<u8>>,
    /// How many of them were paid.
    pub paid: i32,
    /// How many failed or came back.
    pub failed: i32,
    /// How many were cancelled.
    pub cancelled: i32,
    /// Who prepared it, as [`Actor`](crate::act::Actor) prints.
    pub prepared_by: String,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Who executed it.
    pub executed_by: Option<String>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was fixed.
    pub frozen_at: Option<DateTime<Utc>>,
    /// When it was approved.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it was executed.
    pub executed_at: Option<DateTime<Utc>>,
    /// When the last of its payouts ended, or it was cancelled.
    pub ended_at: Option<DateTime<Utc>>,
    /// When its state last changed.
    pub updated_at: DateTime<Utc>,
}

impl PayoutBatch {
    /// What its payouts come to.
    pub fn total_money(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    /// Where it pays to.
    pub(super) fn reach(&self) -> Reach<'_> {
        self.rail.reach((self.methods.as_deref(), self.beyond), self.currency)
    }

    /// Whether each of its payouts has come to an end.
    pub(super) fn is_through(&self) -> bool {
        self.paid + self.failed + self.cancelled == self.payouts
    }
}

use ids::{PartnerId, PayoutBatchId, PayoutId, TypedId};
use money::Currency;
use serde::{Deserialize, Serialize};

use super::{Payout, PayoutStatus};
use crate::{
    events::{EventKind, NewEvent},
    ledger::{Owner, Posting, TransferReason},
};

/// The payload of every `payout.*` event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayoutPayload {
    /// The payout.
    pub payout_id: PayoutId,
    /// Who is paid.
    pub partner_id: PartnerId,
    /// The batch that it is in.
    pub batch_id: Option<PayoutBatchId>,
    /// Whether a batch made it, and nobody had asked for it.
    pub by_batch: bool,
    /// Where it stands now.
    pub status: PayoutStatus,
    /// In minor units.
    pub amount: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

impl PayoutStatus {
    /// What is recorded when a payout comes to stand here.
    fn event(self) -> EventKind {
        match self {
            Self::Requested => EventKind::PayoutRequested,
            Self::NeedsChanges => EventKind::PayoutChangesRequested,
            Self::Approved => EventKind::PayoutApproved,
            Self::Batched => EventKind::PayoutBatched,
            Self::Sending => EventKind::PayoutSent,
            Self::Paid => EventKind::PayoutPaid,
            Self::Failed => EventKind::PayoutFailed,
            Self::Returned => EventKind::PayoutReturned,
            Self::Rejected => EventKind::PayoutRejected,
            Self::Cancelled => EventKind::PayoutCancelled,
        }
    }
}

impl Payout {
    /// That it stands where it stands now.
    pub(crate) fn event(&self) -> NewEvent {
        let payload = PayoutPayload {
            payout_id: self.id,
            partner_id: self.partner_id,
            batch_id: self.batch_id,
            by_batch: self.by_batch,
            status: self.status,
            amount: self.amount,
            currency: self.currency,
        };
        NewEvent::of_program(self.account_id, self.program_id, self.status.event(), self.id, &payload)
    }

    /// The move of its amount for this reason.
    pub(super) fn posting(&self, reason: TransferReason) -> Posting {
        Posting {
            account_id: self.account_id,
            program_id: self.program_id,
            owner: Owner::Partner(self.partner_id),
            currency: self.currency,
            amount: self.amount,
            reason,
            source: self.id.uuid(),
        }
    }
}

use ids::{PayoutBatchId, ProgramId};
use money::Currency;
use queue::{Job, NewJob};
use serde::{Deserialize, Serialize};

use super::{BatchStatus, PayoutBatch};
use crate::{
    act::Act,
    events::{EventKind, NewEvent},
};

/// The payload of every `payout_batch.*` event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayoutBatchPayload {
    /// The batch.
    pub payout_batch_id: PayoutBatchId,
    /// The program.
    pub program_id: ProgramId,
    /// Where it stands now.
    pub status: BatchStatus,
    /// How many payouts it has.
    pub payouts: i32,
    /// How many of them failed or came back.
    pub failed: i32,
    /// What they come to, in minor units.
    pub total: i64,
    /// The currency of the total.
    pub currency: Currency,
}

impl PayoutBatch {
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = PayoutBatchPayload {
            payout_batch_id: self.id,
            program_id: self.program_id,
            status: self.status,
            payouts: self.payouts,
            failed: self.failed,
            total: self.total,
            currency: self.currency,
        };
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, &payload)
    }

    /// A job of its account that this act causes.
    pub(super) fn job(&self, job: &impl Job, act: &Act) -> NewJob {
        NewJob::of(job).account(self.account_id).caused_by(act.request_id.clone(), act.traceparent.clone())
    }
}

use ids::{GroupId, PartnerId, PayoutPolicyId, ProgramId};
use serde::{Deserialize, Serialize};

use super::PayoutPolicy;
use crate::events::{EventKind, NewEvent};

/// The payload of `payout_policy.updated`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayoutPolicyPayload {
    /// The policy.
    pub payout_policy_id: PayoutPolicyId,
    /// The program.
    pub program_id: ProgramId,
    /// The group that it is for.
    pub group_id: Option<GroupId>,
    /// The partner that it is for.
    pub partner_id: Option<PartnerId>,
}

impl PayoutPolicy {
    pub(super) fn event(&self) -> NewEvent {
        let payload = PayoutPolicyPayload {
            payout_policy_id: self.id,
            program_id: self.program_id,
            group_id: self.group_id,
            partner_id: self.partner_id,
        };
        let kind = EventKind::PayoutPolicyUpdated;
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, &payload)
    }
}

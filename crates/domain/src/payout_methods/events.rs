use ids::{PartnerId, PayoutMethodId};
use serde::{Deserialize, Serialize};

use super::PayoutMethod;
use crate::{
    events::{EventKind, NewEvent},
    partners::Partner,
    payout_policies::PayoutMethodKind,
};

/// The payload of `payout_method.changed` and `payout_method.archived`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayoutMethodPayload {
    /// The method that is paid to from now on, or no more.
    pub payout_method_id: PayoutMethodId,
    /// The partner for whom it was said; it holds for all partners of the same profile.
    pub partner_id: PartnerId,
    /// What kind of place it is.
    pub kind: PayoutMethodKind,
    /// Whether the payee had another before.
    pub replaced_another: bool,
}

impl PayoutMethod {
    pub(super) fn event(&self, kind: EventKind, partner: &Partner) -> NewEvent {
        let payload = PayoutMethodPayload {
            payout_method_id: self.id,
            partner_id: partner.id,
            kind: self.kind,
            replaced_another: self.replaced_another,
        };
        NewEvent::of_program(self.account_id, partner.program_id, kind, self.id, &payload)
    }
}

use ids::{GroupId, PartnerId, ProgramId};
use serde::{Deserialize, Serialize};

use super::{Partner, PartnerStatus};
use crate::events::{EventKind, NewEvent};

/// The payload of every `partner.*` event: the whole state that rewards depend on, and no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartnerPayload {
    /// The partner.
    pub partner_id: PartnerId,
    /// The program.
    pub program_id: ProgramId,
    /// Where it stands now.
    pub status: PartnerStatus,
    /// The group that it is in.
    pub group: Option<GroupId>,
    /// The owner's labels, sorted.
    pub tags: Vec<String>,
    /// Who recruited it.
    pub upline: Option<PartnerId>,
}

impl Partner {
    /// The event of this kind, as the partner is now.
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = PartnerPayload {
            partner_id: self.id,
            program_id: self.program_id,
            status: self.status,
            group: self.group_id,
            tags: self.tags.clone(),
            upline: self.upline_id,
        };
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, &payload)
    }
}

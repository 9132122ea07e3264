use ids::{InviteId, MemberId, UserId};
use serde::{Deserialize, Serialize};

use super::Invite;
use crate::{
    act::Actor,
    events::{EventKind, NewEvent},
    team::Role,
};

/// What events of an invite say.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitePayload {
    /// The invite.
    pub invite_id: InviteId,
    /// What whoever accepts may do.
    pub role: Role,
    /// The number of its link.
    pub rotation: i32,
}

/// What the event of an accepted invite says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedPayload {
    /// The invite.
    pub invite_id: InviteId,
    /// The new member.
    pub member_id: MemberId,
    /// The person.
    pub user_id: UserId,
    /// The person who invited them; none if it was a machine.
    pub invited_by: Option<UserId>,
}

impl Invite {
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = InvitePayload { invite_id: self.id, role: self.role, rotation: self.rotation };
        NewEvent::of_account(self.account_id, kind, self.id, &payload)
    }

    pub(super) fn accepted(&self, member_id: MemberId, user_id: UserId) -> NewEvent {
        let invited_by = match self.invited_by.parse() {
            Ok(Actor::User(id)) => Some(id),
            _ => None,
        };
        let payload = AcceptedPayload { invite_id: self.id, member_id, user_id, invited_by };
        NewEvent::of_account(self.account_id, EventKind::InviteAccepted, self.id, &payload)
    }
}

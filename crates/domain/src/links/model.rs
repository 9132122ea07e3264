use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, LinkId, PartnerId, ProgramId};
use serde::Serialize;

use crate::{
    events::{EventKind, NewEvent},
    schema::links,
    text_enum,
};

text_enum! {
    /// Whether a link works.
    LinkStatus {
        /// Customers who come through it are the partner's.
        Active = "ACTIVE",
        /// It brings nobody any more.
        Disabled = "DISABLED",
    }
}

/// An address that names a partner.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = links, check_for_backend(diesel::pg::Pg))]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// The tenant.
    pub account_id: AccountId,
    /// The partner's program.
    pub program_id: ProgramId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// What names the partner in the address, in lower case; unique in the program.
    pub slug: String,
    /// Where it leads, without the slug.
    pub destination: String,
    /// Whether it is the partner's first.
    pub is_default: bool,
    /// Whether it works.
    pub status: LinkStatus,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Link {
    /// Whether customers who come through it are the partner's.
    pub fn is_active(&self) -> bool {
        self.status == LinkStatus::Active
    }

    /// The event of this kind, as the link is now.
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = serde_json::json!({
            "linkId": self.id,
            "partnerId": self.partner_id,
            "programId": self.program_id,
            "status": self.status,
        });
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, &payload)
    }
}

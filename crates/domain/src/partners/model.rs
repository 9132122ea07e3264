use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, CustomerId, GroupId, PartnerId, PartnerProfileId, ProgramId};
use serde::Serialize;

use crate::{schema::partners, text_enum};

text_enum! {
    /// Where a partner stands.
    PartnerStatus {
        /// Applied, and waits for a decision.
        Pending = "PENDING",
        /// Earns.
        Approved = "APPROVED",
        /// Earns nothing new.
        Suspended = "SUSPENDED",
        /// The application was turned down.
        Rejected = "REJECTED",
    }
}

/// A profile's membership in one program. Rewards, links and ledger accounts point at it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = partners)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The person or company behind it.
    pub profile_id: PartnerProfileId,
    /// Its public name in links, in lower case; unique in the program.
    pub key: String,
    /// Where it stands.
    pub status: PartnerStatus,
    /// Why it was rejected or suspended, in the words of who did it.
    pub status_reason: Option<String>,
    /// The owner's labels, sorted.
    pub tags: Vec<String>,
    /// The group that it is in.
    pub group_id: Option<GroupId>,
    /// Who recruited it: a partner of the same program.
    pub upline_id: Option<PartnerId>,
    /// The customer who it is, in refer-a-friend.
    pub customer_id: Option<CustomerId>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it, or its profile, was last changed.
    pub updated_at: DateTime<Utc>,
}

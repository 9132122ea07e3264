use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, AttributionId, CustomerId, LinkId, PartnerId, ProgramId};

use crate::{schema::attributions, text_enum};

text_enum! {
    /// What an attribution rests on.
    AttributionSource {
        /// A partner's link.
        Link = "LINK",
        /// The caller named the partner.
        Api = "API",
        /// A person named the partner.
        Manual = "MANUAL",
    }
}

text_enum! {
    /// Whether an attribution holds.
    AttributionStatus {
        /// It holds.
        Active = "ACTIVE",
        /// A person gave the customer to another partner.
        Reassigned = "REASSIGNED",
        /// A person took the customer from the partner.
        Revoked = "REVOKED",
    }
}

/// The decision that a customer came through a partner. At most one is active per customer.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attributions)]
pub struct Attribution {
    /// Its id.
    pub id: AttributionId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The link, if it rests on one.
    pub link_id: Option<LinkId>,
    /// What it rests on.
    pub source: AttributionSource,
    /// Whether it holds.
    pub status: AttributionStatus,
    /// The instant that terms and durations count from.
    pub at: DateTime<Utc>,
    /// Since when the partner's figures count the sign-up; `None` before it is confirmed, and where another's count it.
    pub counted_at: Option<DateTime<Utc>>,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
}

impl Attribution {
    /// Why this partner, in words for the owner.
    pub fn sentence(&self) -> &'static str {
        match self.source {
            AttributionSource::Link => "The customer came through a link of this partner.",
            AttributionSource::Api => "Your system named this partner for the customer.",
            AttributionSource::Manual => "A member of your team named this partner for the customer.",
        }
    }
}

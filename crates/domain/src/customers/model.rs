use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, CustomerId, PartnerId, ProgramId};

use super::{CreatedPayload, UpdatedPayload};
use crate::{
    events::{EventKind, NewEvent},
    schema::customers,
    text_enum,
};

text_enum! {
    /// Where a customer stands.
    CustomerStatus {
        /// Signed up, has not bought.
        Lead = "LEAD",
        /// Has bought.
        Active = "ACTIVE",
        /// Buys no more.
        Churned = "CHURNED",
        /// Kept for the books only.
        Archived = "ARCHIVED",
    }
}

/// A customer of a program.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = customers)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The caller's name for it, unique in the program.
    pub key: String,
    /// Personal data; for the self-referral check.
    pub email: Option<String>,
    /// Personal data.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The caller's own marks.
    pub tags: Vec<String>,
    /// Where it stands.
    pub status: CustomerStatus,
    /// When it signed up, as the caller says.
    pub signed_up_at: DateTime<Utc>,
    /// Since when it counts as a sign-up; `None` while it waits for the double opt-in.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Customer {
    /// That it was made, by a call that attributes it to this partner.
    pub(super) fn created(&self, partner_id: Option<PartnerId>) -> NewEvent {
        let payload = CreatedPayload {
            customer_id: self.id,
            signed_up_at: self.signed_up_at,
            country: self.country.clone(),
            tags: self.tags.clone(),
            partner_id,
            confirmed: self.confirmed_at.is_some(),
        };
        self.event(EventKind::CustomerCreated, &payload)
    }

    /// That it changed, as it is now.
    pub(crate) fn updated(&self) -> NewEvent {
        let (country, tags) = (self.country.clone(), self.tags.clone());
        let payload = UpdatedPayload { customer_id: self.id, country, tags };
        self.event(EventKind::CustomerUpdated, &payload)
    }

    pub(super) fn event(&self, kind: EventKind, payload: &impl serde::Serialize) -> NewEvent {
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, payload)
    }
}

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, CustomerId, ProgramId};

use crate::{schema::customers, text_enum};

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
#[derive(Debug, Clone, Queryable, Selectable)]
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
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

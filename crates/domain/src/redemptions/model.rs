use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, CustomerId, PartnerId, ProgramId, RedemptionId};
use money::{Currency, Money};
use serde::Serialize;

use crate::schema::redemptions;

/// A redemption. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = redemptions)]
pub struct Redemption {
    /// Its id.
    pub id: RedemptionId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Who redeemed, if a partner did.
    pub partner_id: Option<PartnerId>,
    /// Who redeemed, if a customer did.
    pub customer_id: Option<CustomerId>,
    /// The caller's name for it, unique in the program.
    pub key: String,
    /// The unit, or of a customer also a currency.
    pub currency: Currency,
    /// In minor units, above 0.
    pub amount: i64,
    /// What it left available, in minor units, not below 0.
    pub available_after: i64,
    /// What for.
    pub reason: String,
    /// SHA-256 of what was said.
    #[serde(skip)]
    pub fingerprint: Vec<u8>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl Redemption {
    /// So much of its currency.
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, ExchangeRateId};
use money::{Currency, Rate};
use serde::Serialize;

use crate::schema::exchange_rates;

/// An exchange rate as it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = exchange_rates)]
pub struct ExchangeRate {
    /// Its id.
    pub id: ExchangeRateId,
    /// The tenant.
    pub account_id: AccountId,
    /// What is converted.
    pub from_currency: Currency,
    /// What it is converted to.
    pub to_currency: Currency,
    /// How many major units of the one are given for one of the other.
    pub rate: Rate,
    /// From when on it counts, until a later one.
    pub at: DateTime<Utc>,
    /// Who says so.
    pub source: String,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
}

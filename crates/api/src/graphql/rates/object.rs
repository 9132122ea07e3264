use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::graphql::scalars::CurrencyCode;

/// An exchange rate as it was stored. Nothing is converted but by one.
#[derive(Clone)]
pub struct ExchangeRate(pub domain::rates::ExchangeRate);

impl From<domain::rates::ExchangeRate> for ExchangeRate {
    fn from(rate: domain::rates::ExchangeRate) -> Self {
        Self(rate)
    }
}

/// An exchange rate as it was stored. Nothing is converted but by one.
#[Object]
impl ExchangeRate {
    /// `rat_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What is converted.
    async fn from(&self) -> CurrencyCode {
        CurrencyCode(self.0.from_currency)
    }

    /// What it is converted to.
    async fn to(&self) -> CurrencyCode {
        CurrencyCode(self.0.to_currency)
    }

    /// How many major units of `to` are given for one major unit of `from`.
    async fn rate(&self) -> Decimal {
        self.0.rate.to_decimal()
    }

    /// From when on it counts, until a later one.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who says so. A rate that was derived from others names them.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// When it was stored. Of two rates of one time the one stored later counts.
    async fn stored_at(&self) -> DateTime<Utc> {
        self.0.stored_at
    }
}

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::rates::NewRate;
use rust_decimal::Decimal;

use crate::graphql::{scalars::CurrencyCode, years::CommonYears};

/// An exchange rate.
#[derive(InputObject)]
pub struct RateInput {
    /// What is converted.
    from: CurrencyCode,
    /// What it is converted to; another currency.
    to: CurrencyCode,
    /// How many major units of `to` are given for one major unit of `from`; above 0, at most 1,000,000,000, at most 28 digits.
    rate: Decimal,
    /// From when on it counts, until a later one.
    #[graphql(validator(custom = "CommonYears"))]
    at: DateTime<Utc>,
    /// Who says so: 1 to 200 characters.
    source: String,
}

impl From<RateInput> for NewRate {
    fn from(input: RateInput) -> Self {
        Self { from: input.from.0, to: input.to.0, rate: input.rate, at: input.at, source: input.source }
    }
}

/// Reference rates of the European Central Bank, as it publishes them: `eurofxref-daily.xml`, `eurofxref-hist.xml`,
/// `eurofxref.csv` or `eurofxref-hist.csv`. Give one of the two.
#[derive(InputObject)]
pub struct RatesImportInput {
    /// The text of the file.
    pub(super) file: Option<String>,
    /// Its address, which a job reads a moment later: http or https, of one of the hosts that this instance imports from (the
    /// bank's, unless its operator says otherwise); at most 32 MiB within 30 s, without redirects.
    pub(super) url: Option<String>,
}

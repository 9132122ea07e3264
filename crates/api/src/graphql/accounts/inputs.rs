use async_graphql::InputObject;
use domain::accounts::AccountChanges;

use crate::graphql::scalars::CurrencyCode;

/// Settings of an account; of one that is there already, what is left out or null stays as it is.
#[derive(InputObject)]
pub struct AccountInput {
    /// 1 to 200 characters.
    name: Option<String>,
    /// What its overview is shown in.
    default_currency: Option<CurrencyCode>,
    /// IANA time zone, e.g. `Europe/Berlin`.
    time_zone: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// BCP 47 language tag, e.g. `en`; at most 35 characters.
    locale: Option<String>,
}

impl From<AccountInput> for AccountChanges {
    fn from(input: AccountInput) -> Self {
        Self {
            name: input.name,
            base_currency: input.default_currency.map(|code| code.0),
            time_zone: input.time_zone,
            country: input.country,
            locale: input.locale,
        }
    }
}

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
    /// The company, as statements and invoices name it, at most 200 characters; an empty text takes it away.
    company: Option<String>,
    /// Its postal address for statements and invoices, at most 8 lines and 500 characters; an empty text takes it away.
    address: Option<String>,
    /// Its tax number as it is written on invoices, e.g. `VAT ID DE123456789`, at most 50 characters; an empty text takes it away.
    tax_id: Option<String>,
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
            company: input.company,
            address: input.address,
            tax_id: input.tax_id,
            locale: input.locale,
        }
    }
}

use chrono::DateTime;
use money::Currency;

use super::AccountChanges;
use crate::text::{FieldProblem, TextProblem};

/// What a new account starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSettings {
    /// What people call it.
    pub name: String,
    /// What its overview is shown in.
    pub base_currency: Currency,
    /// IANA name.
    pub time_zone: String,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The company, as invoices name it.
    pub company: Option<String>,
    /// Its postal address, lines separated by line feeds.
    pub address: Option<String>,
    /// Its tax number.
    pub tax_id: Option<String>,
    /// BCP 47.
    pub locale: String,
}

impl AccountSettings {
    /// The usual values for what nobody was asked for: dollars, UTC, English.
    pub fn usual(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            base_currency: Currency::USD,
            time_zone: "UTC".to_owned(),
            country: None,
            company: None,
            address: None,
            tax_id: None,
            locale: "en".to_owned(),
        }
    }

    /// What was said, and the usual values for the rest; the name must be there.
    ///
    /// # Errors
    /// All fields that are refused.
    pub fn of(said: &AccountChanges) -> Result<Self, Vec<FieldProblem>> {
        let missing = || FieldProblem::of("name", TextProblem::Missing);
        let checked = said.checked(DateTime::UNIX_EPOCH).map_err(|mut problems| {
            problems.extend(said.name.is_none().then(missing));
            problems
        })?;
        let usual = Self::usual(&checked.name.ok_or_else(|| vec![missing()])?);
        Ok(Self {
            base_currency: checked.base_currency.unwrap_or(usual.base_currency),
            time_zone: checked.time_zone.unwrap_or(usual.time_zone),
            country: checked.country,
            company: checked.company.flatten(),
            address: checked.address.flatten(),
            tax_id: checked.tax_id.flatten(),
            locale: checked.locale.unwrap_or(usual.locale),
            name: usual.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_said_is_usual_and_the_name_must_be() {
        let said = AccountChanges {
            name: Some(" Engines ".to_owned()),
            country: Some("de".to_owned()),
            ..AccountChanges::default()
        };
        let expected =
            AccountSettings { country: Some("DE".to_owned()), ..AccountSettings::usual("Engines") };
        assert_eq!(AccountSettings::of(&said), Ok(expected));
        let wrong = AccountChanges { locale: Some("german".to_owned()), ..AccountChanges::default() };
        let fields: Vec<_> =
            AccountSettings::of(&wrong).unwrap_err().iter().map(|problem| problem.path[0].clone()).collect();
        assert_eq!(fields, ["locale", "name"]);
    }
}

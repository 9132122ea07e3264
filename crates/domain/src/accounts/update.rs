use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use money::Currency;

use super::Account;
use crate::{
    act::Act,
    audit,
    schema::accounts,
    scope::AccountScope,
    text::{self, Checks, FieldProblem, TextProblem},
};

/// Changes of an account; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct AccountChanges {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// What its overview is shown in.
    pub base_currency: Option<Currency>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The company, as invoices name it: 1 to 200 characters, or none to empty it.
    pub company: Option<String>,
    /// Its postal address: 1 to 500 characters, up to 8 lines, or none to empty it.
    pub address: Option<String>,
    /// Its tax number: 1 to 50 characters, or none to empty it.
    pub tax_id: Option<String>,
    /// BCP 47: a language, with a script and a region if need be.
    pub locale: Option<String>,
}

/// Why an account was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The credential reaches some programs only; the account is all of them.
    #[error("limited to some programs")]
    Limited,
    /// No such account any more.
    #[error("no such account")]
    NotFound,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(AsChangeset)]
#[diesel(table_name = accounts)]
pub(super) struct Row {
    pub name: Option<String>,
    pub base_currency: Option<Currency>,
    pub time_zone: Option<String>,
    pub country: Option<String>,
    pub company: Option<Option<String>>,
    pub address: Option<Option<String>>,
    pub tax_id: Option<Option<String>>,
    pub locale: Option<String>,
    updated_at: DateTime<Utc>,
}

impl AccountChanges {
    pub(super) fn checked(&self, now: DateTime<Utc>) -> Result<Row, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let name = self.name.as_deref().map(|name| text::line(name, 200));
        let mut emptied = |name: &str, said: Option<&str>, check: fn(&str) -> _| match said {
            Some(text) if text.trim().is_empty() => Some(None),
            Some(text) => checks.take(name, check(text)).map(Some),
            None => None,
        };
        let company = emptied("company", self.company.as_deref(), |text| text::line(text, 200));
        let address = emptied("address", self.address.as_deref(), text::address);
        let tax_id = emptied("taxId", self.tax_id.as_deref(), |text| text::line(text, 50));
        let country = self.country.as_deref().map(text::country);
        let row = Row {
            name: name.and_then(|name| checks.take("name", name)),
            base_currency: self.base_currency,
            time_zone: self
                .time_zone
                .as_deref()
                .map(time_zone)
                .and_then(|zone| checks.take("timeZone", zone)),
            country: country.and_then(|country| checks.take("country", country)),
            company,
            address,
            tax_id,
            locale: self.locale.as_deref().map(text::locale).and_then(|said| checks.take("locale", said)),
            updated_at: now,
        };
        checks.done(row)
    }
}

fn time_zone(text: &str) -> Result<String, TextProblem> {
    let zone = text.trim().parse::<chrono_tz::Tz>().map_err(|_| TextProblem::Malformed)?;
    Ok(zone.name().to_owned())
}

impl Account {
    /// Changes the account of the scope, which must be whole.
    ///
    /// # Errors
    /// [`UpdateError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        changes: &AccountChanges,
        act: &Act,
    ) -> Result<Self, UpdateError> {
        if !scope.is_whole() {
            return Err(UpdateError::Limited);
        }
        let row = changes.checked(act.now).map_err(UpdateError::Invalid)?;
        conn.transaction(async |conn| {
            let locked = accounts::table.find(scope.account_id).for_no_key_update();
            let before: Option<Self> = locked.select(Self::as_select()).first(conn).await.optional()?;
            let before = before.ok_or(UpdateError::NotFound)?;
            let after: Self = diesel::update(accounts::table.find(before.id))
                .set(&row)
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.id, "accountUpdate", after.id, change).await?;
            Ok(after)
        })
        .await
    }
}

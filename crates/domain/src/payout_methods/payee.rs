use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, PartnerProfileId};
use serde::Serialize;

use super::create::{is_shared_beyond, lock};
use crate::{
    act::Act,
    audit,
    partners::Partner,
    schema::payees,
    scope::AccountScope,
    text::{self, Checks, FieldProblem, TextProblem},
};

/// Who is paid, as invoices and tax offices want to know it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = payees, treat_none_as_null = true)]
pub struct Payee {
    /// Whose data it is.
    pub profile_id: PartnerProfileId,
    /// The tenant.
    pub account_id: AccountId,
    /// The company.
    pub company: Option<String>,
    /// The postal address, lines separated by line feeds.
    pub address: Option<String>,
    /// The tax number, as it is written on invoices.
    pub tax_id: Option<String>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Changes: `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default)]
pub struct PayeeChanges {
    /// 1 to 200 characters.
    pub company: Option<Option<String>>,
    /// 1 to 500 characters, up to 8 lines.
    pub address: Option<Option<String>>,
    /// 1 to 50 characters.
    pub tax_id: Option<Option<String>>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PayeeError {
    /// No such partner in reach.
    #[error("no such partner")]
    NotFound,
    /// The profile is also a partner's of programs beyond reach, and would change there too.
    #[error("the profile is shared beyond reach")]
    Shared,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What the audit trail keeps: which fields are filled, and no personal data.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Noted {
    has_company: bool,
    has_address: bool,
    has_tax_id: bool,
}

fn lines(text: &str) -> Result<String, TextProblem> {
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| text::line(line, 200))
        .collect::<Result<_, _>>()?;
    let joined = lines.join("\n");
    match (lines.len(), joined.chars().count()) {
        (0, _) => Err(TextProblem::Missing),
        (9.., _) => Err(TextProblem::Malformed),
        (_, 501..) => Err(TextProblem::TooLong { limit: 500 }),
        _ => Ok(joined),
    }
}

impl PayeeChanges {
    fn applied(&self, payee: Payee) -> Result<Payee, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let mut field =
            |name: &str, said: &Option<Option<String>>, before, check: &dyn Fn(&str) -> _| match said {
                None => before,
                Some(None) => None,
                Some(Some(text)) => checks.take(name, check(text)),
            };
        let after = Payee {
            company: field("company", &self.company, payee.company, &|text| text::line(text, 200)),
            address: field("address", &self.address, payee.address, &lines),
            tax_id: field("taxId", &self.tax_id, payee.tax_id, &|text| text::line(text, 50)),
            ..payee
        };
        checks.done(after)
    }
}

impl Payee {
    /// Changes who the partner's profile is to the tax office.
    ///
    /// # Errors
    /// [`PayeeError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_id: PartnerId,
        changes: &PayeeChanges,
        act: &Act,
    ) -> Result<Self, PayeeError> {
        conn.transaction(async |conn| {
            let partner = Partner::find(conn, scope, partner_id).await?.ok_or(PayeeError::NotFound)?;
            lock(conn, partner.account_id, partner.profile_id).await?;
            if is_shared_beyond(conn, scope, partner.profile_id).await? {
                return Err(PayeeError::Shared);
            }
            let before = Self::of_profiles(conn, scope, &[partner.profile_id]).await?.pop();
            let empty = Self {
                profile_id: partner.profile_id,
                account_id: partner.account_id,
                company: None,
                address: None,
                tax_id: None,
                updated_at: act.now,
            };
            let was = before.as_ref().map(Self::noted);
            let after = changes.applied(before.unwrap_or(empty)).map_err(PayeeError::Invalid)?;
            let after = Self { updated_at: act.now, ..after };
            diesel::insert_into(payees::table)
                .values(&after)
                .on_conflict(payees::profile_id)
                .do_update()
                .set(&after)
                .execute(conn)
                .await?;
            let change = (was.as_ref(), Some(&after.noted()));
            audit::record(conn, act, after.account_id, "payeeUpdate", partner.id, change).await?;
            Ok(after)
        })
        .await
    }

    /// Of these profiles, which were found in the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_profiles(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        profiles: &[PartnerProfileId],
    ) -> QueryResult<Vec<Self>> {
        payees::table
            .filter(payees::account_id.eq(scope.account_id))
            .filter(payees::profile_id.eq_any(profiles))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    fn noted(&self) -> Noted {
        Noted {
            has_company: self.company.is_some(),
            has_address: self.address.is_some(),
            has_tax_id: self.tax_id.is_some(),
        }
    }
}

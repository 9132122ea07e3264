use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::AccountId;
use money::Currency;
use serde::Serialize;

use crate::{schema::accounts, scope::AccountScope, text_enum};

text_enum! {
    /// Where an account stands.
    AccountStatus {
        /// In use.
        Active = "ACTIVE",
        /// Closed to its users for the time being.
        Suspended = "SUSPENDED",
        /// Closed for good.
        Closed = "CLOSED",
    }
}

/// The tenant.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What people call it.
    pub name: String,
    /// What its overview is shown in.
    pub base_currency: Currency,
    /// IANA name, e.g. `Europe/Berlin`.
    pub time_zone: String,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The company, as invoices name it.
    pub company: Option<String>,
    /// Its postal address, lines separated by line feeds.
    pub address: Option<String>,
    /// Its tax number, as it is written on invoices.
    pub tax_id: Option<String>,
    /// BCP 47, e.g. `en`.
    pub locale: String,
    /// Where it stands.
    pub status: AccountStatus,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An account to be made.
#[derive(Debug, Insertable)]
#[diesel(table_name = accounts)]
pub struct NewAccount<'a> {
    /// Its id.
    pub id: AccountId,
    /// What people call it.
    pub name: &'a str,
    /// What its overview is shown in.
    pub base_currency: Currency,
    /// IANA name.
    pub time_zone: &'a str,
    /// ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// The company.
    pub company: Option<&'a str>,
    /// Its postal address.
    pub address: Option<&'a str>,
    /// Its tax number.
    pub tax_id: Option<&'a str>,
    /// BCP 47.
    pub locale: &'a str,
    /// Where it stands.
    pub status: AccountStatus,
    /// When it is made.
    pub created_at: DateTime<Utc>,
    /// The same.
    pub updated_at: DateTime<Utc>,
}

impl NewAccount<'_> {
    /// Writes the row.
    ///
    /// # Errors
    /// The database's.
    pub async fn insert(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        diesel::insert_into(accounts::table).values(self).execute(conn).await?;
        Ok(())
    }
}

impl Account {
    /// The accounts that are in use, or this one, for an operator of the instance; by id.
    ///
    /// # Errors
    /// The database's.
    pub async fn in_use(
        conn: &mut AsyncPgConnection,
        only: Option<AccountId>,
    ) -> QueryResult<Vec<AccountId>> {
        let mut query = accounts::table.filter(accounts::status.eq(AccountStatus::Active)).into_boxed();
        if let Some(only) = only {
            query = query.filter(accounts::id.eq(only));
        }
        query.order(accounts::id).select(accounts::id).load(conn).await
    }

    /// Whether the instance has an account.
    ///
    /// # Errors
    /// The database's.
    pub async fn any(conn: &mut AsyncPgConnection) -> QueryResult<bool> {
        diesel::select(diesel::dsl::exists(accounts::table.select(accounts::id))).get_result(conn).await
    }

    /// The account of the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_scope(conn: &mut AsyncPgConnection, scope: &AccountScope) -> QueryResult<Option<Self>> {
        accounts::table.find(scope.account_id).select(Self::as_select()).first(conn).await.optional()
    }
}

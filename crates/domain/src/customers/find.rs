use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, ProgramId};

use super::Customer;
use crate::{
    page::{Page, PageArgs, containing},
    schema::{attributions, customers},
    scope::AccountScope,
};

/// Which customers a list shows; an empty list or `None` is no limit.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Of one of these programs.
    pub programs: Option<Vec<ProgramId>>,
    /// Attributed to one of these partners.
    pub partners: Vec<PartnerId>,
    /// With this in the key, whatever the case.
    pub search: Option<String>,
}

impl Customer {
    /// The customer of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: CustomerId,
    ) -> QueryResult<Option<Self>> {
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// The customers of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[CustomerId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = customers::table
            .filter(customers::account_id.eq(scope.account_id))
            .filter(customers::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The customer of that key, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_key(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        key: &str,
    ) -> QueryResult<Option<Self>> {
        // No key that is kept has a NUL, and PostgreSQL refuses a text with one.
        if !scope.allows(program_id) || key.contains('\0') {
            return Ok(None);
        }
        customers::table
            .filter(customers::account_id.eq(scope.account_id))
            .filter(customers::program_id.eq(program_id))
            .filter(customers::key.eq(key))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// A page of customers, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &CustomerFilter,
        page: PageArgs<CustomerId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(customers::id.desc());
        if let Some(after) = page.after {
            query = query.filter(customers::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many customers match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &CustomerFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<CustomerId> =
            Self::matching(scope, filter).limit(cap).select(customers::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a CustomerFilter,
    ) -> customers::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = customers::table.filter(customers::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.narrow(filter.programs.clone()) {
            query = query.filter(customers::program_id.eq_any(programs));
        }
        if !filter.partners.is_empty() {
            let theirs = attributions::table
                .filter(attributions::account_id.eq(scope.account_id))
                .filter(attributions::status.eq("ACTIVE"))
                .filter(attributions::partner_id.eq_any(&filter.partners))
                .select(attributions::customer_id);
            query = query.filter(customers::id.eq_any(theirs));
        }
        if let Some(search) = &filter.search {
            query = query.filter(customers::key.ilike(containing(search)));
        }
        query
    }
}

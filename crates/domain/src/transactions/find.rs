use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, ProgramId, TransactionId};

use super::{Transaction, TransactionItem};
use crate::{
    page::{Page, PageArgs, containing},
    schema::{transaction_items, transactions},
    scope::AccountScope,
};

/// Which sales a list shows; an empty list or `None` is no limit.
#[derive(Debug, Clone, Default)]
pub struct TransactionFilter {
    /// Of one of these programs.
    pub programs: Option<Vec<ProgramId>>,
    /// Of one of these customers.
    pub customers: Vec<CustomerId>,
    /// At or after this instant, by the sale's own time.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
    /// With this in the key, whatever the case.
    pub search: Option<String>,
}

impl Transaction {
    /// The sales of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[TransactionId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = transactions::table
            .filter(transactions::account_id.eq(scope.account_id))
            .filter(transactions::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The sale of that key, if it is in reach.
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
        transactions::table
            .filter(transactions::account_id.eq(scope.account_id))
            .filter(transactions::program_id.eq(program_id))
            .filter(transactions::key.eq(key))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The sale of that key, its row locked until the transaction ends: what depends on its adjustments stays true. The
    /// program was found in the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn lock_by_key(
        conn: &mut AsyncPgConnection,
        program_id: ProgramId,
        key: &str,
    ) -> QueryResult<Option<Self>> {
        transactions::table
            .filter(transactions::program_id.eq(program_id))
            .filter(transactions::key.eq(key))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The sales of these programs and keys that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_keys(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        wanted: &[(ProgramId, String)],
    ) -> QueryResult<Vec<Self>> {
        let (programs, keys): (Vec<ProgramId>, Vec<&str>) = wanted
            .iter()
            .filter(|(program_id, _)| scope.allows(*program_id))
            .map(|(program_id, key)| (*program_id, key.as_str()))
            .unzip();
        let rows: Vec<Self> = transactions::table
            .filter(transactions::account_id.eq(scope.account_id))
            .filter(transactions::program_id.eq_any(programs))
            .filter(transactions::key.eq_any(keys))
            .select(Self::as_select())
            .load(conn)
            .await?;
        // A key may be another program's too.
        let is_wanted = |row: &Self| {
            wanted.iter().any(|(program_id, key)| (*program_id, key) == (row.program_id, &row.key))
        };
        Ok(rows.into_iter().filter(is_wanted).collect())
    }

    /// A page of sales, the last recorded first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &TransactionFilter,
        page: PageArgs<TransactionId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(transactions::id.desc());
        if let Some(after) = page.after {
            query = query.filter(transactions::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many sales match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &TransactionFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<TransactionId> =
            Self::matching(scope, filter).limit(cap).select(transactions::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a TransactionFilter,
    ) -> transactions::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query =
            transactions::table.filter(transactions::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.narrow(filter.programs.clone()) {
            query = query.filter(transactions::program_id.eq_any(programs));
        }
        if !filter.customers.is_empty() {
            query = query.filter(transactions::customer_id.eq_any(&filter.customers));
        }
        if let Some(from) = filter.from {
            query = query.filter(transactions::occurred_at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(transactions::occurred_at.lt(to));
        }
        if let Some(search) = &filter.search {
            query = query.filter(transactions::key.ilike(containing(search)));
        }
        query
    }
}

impl TransactionItem {
    /// The items of these sales, by sale and line. The sales were found in the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        sales: &[TransactionId],
    ) -> QueryResult<Vec<Self>> {
        transaction_items::table
            .filter(transaction_items::account_id.eq(scope.account_id))
            .filter(transaction_items::transaction_id.eq_any(sales))
            .order((transaction_items::transaction_id, transaction_items::line))
            .select(Self::as_select())
            .load(conn)
            .await
    }
}

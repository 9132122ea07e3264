use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PayoutBatchId, ProgramId};

use super::{BatchStatus, PayoutBatch};
use crate::{
    page::{Page, PageArgs},
    schema::payout_batches,
    scope::AccountScope,
};

/// Which batches a list shows; an empty list or `None` is no limit.
#[derive(Debug, Clone, Default)]
pub struct PayoutBatchFilter {
    /// Of one of these programs.
    pub programs: Option<Vec<ProgramId>>,
    /// In one of these states.
    pub status: Vec<BatchStatus>,
}

impl PayoutBatch {
    /// The batch of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PayoutBatchId,
    ) -> QueryResult<Option<Self>> {
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// The batches of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PayoutBatchId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = payout_batches::table
            .filter(payout_batches::account_id.eq(scope.account_id))
            .filter(payout_batches::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// A page of batches, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &PayoutBatchFilter,
        page: PageArgs<PayoutBatchId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(payout_batches::id.desc());
        if let Some(after) = page.after {
            query = query.filter(payout_batches::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many batches match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &PayoutBatchFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<PayoutBatchId> =
            Self::matching(scope, filter).limit(cap).select(payout_batches::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a PayoutBatchFilter,
    ) -> payout_batches::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query =
            payout_batches::table.filter(payout_batches::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.narrow(filter.programs.clone()) {
            query = query.filter(payout_batches::program_id.eq_any(programs));
        }
        if !filter.status.is_empty() {
            query = query.filter(payout_batches::status.eq_any(&filter.status));
        }
        query
    }
}

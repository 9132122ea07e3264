use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, PayoutBatchId, PayoutId, ProgramId};

use super::{Payout, PayoutStatus};
use crate::{
    page::{Page, PageArgs},
    schema::payouts,
    scope::AccountScope,
};

/// Which payouts a list shows; an empty list or `None` is no limit.
#[derive(Debug, Clone, Default)]
pub struct PayoutFilter {
    /// Of one of these programs.
    pub programs: Option<Vec<ProgramId>>,
    /// Of one of these partners.
    pub partners: Vec<PartnerId>,
    /// In one of these states.
    pub status: Vec<PayoutStatus>,
    /// In one of these batches.
    pub batches: Vec<PayoutBatchId>,
}

impl Payout {
    /// The payout of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PayoutId,
    ) -> QueryResult<Option<Self>> {
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// The payouts of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PayoutId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = payouts::table
            .filter(payouts::account_id.eq(scope.account_id))
            .filter(payouts::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The payouts of these ids that are in reach, in the order of ids, their rows locked until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PayoutId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = payouts::table
            .filter(payouts::account_id.eq(scope.account_id))
            .filter(payouts::id.eq_any(ids))
            .order(payouts::id)
            .for_no_key_update()
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// A page of payouts, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &PayoutFilter,
        page: PageArgs<PayoutId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(payouts::id.desc());
        if let Some(after) = page.after {
            query = query.filter(payouts::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many payouts match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &PayoutFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<PayoutId> =
            Self::matching(scope, filter).limit(cap).select(payouts::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a PayoutFilter,
    ) -> payouts::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = payouts::table.filter(payouts::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.narrow(filter.programs.clone()) {
            query = query.filter(payouts::program_id.eq_any(programs));
        }
        if !filter.partners.is_empty() {
            query = query.filter(payouts::partner_id.eq_any(&filter.partners));
        }
        if !filter.status.is_empty() {
            query = query.filter(payouts::status.eq_any(&filter.status));
        }
        if !filter.batches.is_empty() {
            query = query.filter(payouts::batch_id.eq_any(&filter.batches).assume_not_null());
        }
        query
    }
}

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, ProgramId, RedemptionId};

use super::Redemption;
use crate::{
    page::{Page, PageArgs},
    schema::redemptions,
    scope::AccountScope,
};

/// Which redemptions a list shows; an empty list or `None` is no limit.
#[derive(Debug, Clone, Default)]
pub struct RedemptionFilter {
    /// Of one of these programs.
    pub programs: Option<Vec<ProgramId>>,
    /// By one of these partners.
    pub partners: Vec<PartnerId>,
    /// By one of these customers.
    pub customers: Vec<CustomerId>,
}

impl Redemption {
    /// The redemptions of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[RedemptionId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = redemptions::table
            .filter(redemptions::account_id.eq(scope.account_id))
            .filter(redemptions::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// A page of redemptions, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RedemptionFilter,
        page: PageArgs<RedemptionId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(redemptions::id.desc());
        if let Some(after) = page.after {
            query = query.filter(redemptions::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many redemptions match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RedemptionFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<RedemptionId> =
            Self::matching(scope, filter).limit(cap).select(redemptions::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a RedemptionFilter,
    ) -> redemptions::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = redemptions::table.filter(redemptions::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.narrow(filter.programs.clone()) {
            query = query.filter(redemptions::program_id.eq_any(programs));
        }
        if !filter.partners.is_empty() {
            query = query.filter(redemptions::partner_id.eq_any(&filter.partners).assume_not_null());
        }
        if !filter.customers.is_empty() {
            query = query.filter(redemptions::customer_id.eq_any(&filter.customers).assume_not_null());
        }
        query
    }
}

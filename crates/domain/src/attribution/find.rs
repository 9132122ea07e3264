use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId};

use super::{Attribution, AttributionStatus};
use crate::{schema::attributions, scope::AccountScope};

impl Attribution {
    /// The active attributions of these customers, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn active_of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        customers: &[CustomerId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = attributions::table
            .filter(attributions::account_id.eq(scope.account_id))
            .filter(attributions::customer_id.eq_any(customers))
            .filter(attributions::status.eq(AttributionStatus::Active))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// Those of these customers who have a partner, or had one.
    pub(super) async fn ever_of(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        customers: &[CustomerId],
    ) -> QueryResult<HashSet<CustomerId>> {
        if customers.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<CustomerId> = attributions::table
            .filter(attributions::account_id.eq(account_id))
            .filter(attributions::customer_id.eq_any(customers))
            .select(attributions::customer_id)
            .load(conn)
            .await?;
        Ok(ids.into_iter().collect())
    }

    /// All attributions that this customer ever had, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn history_of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        customer: CustomerId,
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = attributions::table
            .filter(attributions::account_id.eq(scope.account_id))
            .filter(attributions::customer_id.eq(customer))
            .order(attributions::id)
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }
}

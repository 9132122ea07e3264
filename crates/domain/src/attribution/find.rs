use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::CustomerId;

use super::Attribution;
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
            .filter(attributions::status.eq("ACTIVE"))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }
}

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PayoutBatchId};

use super::PayoutBatch;
use crate::{schema::payout_batches, scope::AccountScope};

impl PayoutBatch {
    /// The batch of that id, if it is in reach, its row locked until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PayoutBatchId,
    ) -> QueryResult<Option<Self>> {
        let found = Self::lock_all(conn, scope.account_id, &[id]).await?.pop();
        Ok(found.filter(|batch| scope.allows(batch.program_id)))
    }

    /// The batches of these ids in their order, their rows locked until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn lock_all(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        ids: &[PayoutBatchId],
    ) -> QueryResult<Vec<Self>> {
        payout_batches::table
            .filter(payout_batches::account_id.eq(account_id))
            .filter(payout_batches::id.eq_any(ids))
            .order(payout_batches::id)
            .for_no_key_update()
            .select(Self::as_select())
            .load(conn)
            .await
    }
}

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, PayoutBatchId, PayoutId, TypedId};

use super::{Payout, PayoutItem};
use crate::{prepared::Prepare, schema::payouts, scope::AccountScope};

/// A page of each of the wanted: $1 account, $2 whose, $3 programs in reach or null, $4 the last seen, $5 most rows of each.
macro_rules! pages {
    ($by:literal) => {
        concat!(
            "SELECT mine.* FROM unnest($2) AS wanted (id) CROSS JOIN LATERAL ( \
               SELECT p.* FROM payouts p WHERE p.account_id = $1 AND p.",
            $by,
            " = wanted.id AND ($3 IS NULL OR p.program_id = ANY ($3)) AND ($4 IS NULL OR p.id < $4) \
               ORDER BY p.id DESC LIMIT $5 \
             ) AS mine ORDER BY mine.id DESC"
        )
    };
}

const ITEMS: &str = "\
    SELECT mine.* FROM unnest($2) AS wanted (id) CROSS JOIN LATERAL ( \
      SELECT i.* FROM payout_items i WHERE i.account_id = $1 AND i.payout_id = wanted.id AND ($3 IS NULL OR i.source > $3) \
      ORDER BY i.source LIMIT $4 \
    ) AS mine ORDER BY mine.source";

impl Payout {
    /// The payouts of each of these partners before the payout `after`, up to `most` of each, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partners: &[PartnerId],
        page: (Option<PayoutId>, i64),
    ) -> QueryResult<Vec<Self>> {
        let whose = partners.iter().map(|id| id.uuid()).collect();
        of_each(conn, scope, pages!("partner_id"), whose, page).await
    }

    /// The payouts of each of these batches before the payout `after`, up to `most` of each, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_batches(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        batches: &[PayoutBatchId],
        page: (Option<PayoutId>, i64),
    ) -> QueryResult<Vec<Self>> {
        let whose = batches.iter().map(|id| id.uuid()).collect();
        of_each(conn, scope, pages!("batch_id"), whose, page).await
    }

    /// How many payouts each of these partners has; those who have none are not told.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partners: &[PartnerId],
    ) -> QueryResult<Vec<(PartnerId, i64)>> {
        let mut query = payouts::table
            .filter(payouts::account_id.eq(scope.account_id))
            .filter(payouts::partner_id.eq_any(partners))
            .group_by(payouts::partner_id)
            .select((payouts::partner_id, diesel::dsl::count_star()))
            .into_boxed();
        if let Some(programs) = scope.programs() {
            query = query.filter(payouts::program_id.eq_any(programs));
        }
        query.load(conn).await
    }
}

impl PayoutItem {
    /// The items of each of these payouts, which were found in the scope, behind the item `after`, up to `most` of each, the
    /// oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_payouts(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        payouts: &[PayoutId],
        (after, most): (Option<uuid::Uuid>, i64),
    ) -> QueryResult<Vec<Self>> {
        diesel::sql_query(ITEMS)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Array<Uuid>, _>(payouts)
            .bind::<Nullable<Uuid>, _>(after)
            .bind::<BigInt, _>(most)
            .prepared()
            .load(conn)
            .await
    }
}

async fn of_each(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    sql: &str,
    whose: Vec<uuid::Uuid>,
    (after, most): (Option<PayoutId>, i64),
) -> QueryResult<Vec<Payout>> {
    diesel::sql_query(sql)
        .bind::<Uuid, _>(scope.account_id)
        .bind::<Array<Uuid>, _>(whose)
        .bind::<Nullable<Array<Uuid>>, _>(scope.programs())
        .bind::<Nullable<Uuid>, _>(after)
        .bind::<BigInt, _>(most)
        .prepared()
        .load(conn)
        .await
}

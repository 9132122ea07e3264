use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, TransactionId};

use super::StoredEvaluation;
use crate::{prepared::Prepare, scope::AccountScope, transactions::Transaction};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Uuid)]
    whose: PartnerId,
    #[diesel(embed)]
    sale: Transaction,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Uuid)]
    whose: PartnerId,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl StoredEvaluation {
    /// The last recorded sales of each of these partners' customers before the sale `after`, up to `most` of each, the last
    /// first: as they were attributed when they were evaluated.
    ///
    /// # Errors
    /// The database's.
    pub async fn sales_of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_ids: &[PartnerId],
        (after, most): (Option<TransactionId>, i64),
    ) -> diesel::QueryResult<Vec<(PartnerId, Transaction)>> {
        let rows: Vec<Found> = sql_query(
            "SELECT wanted.partner_id AS whose, mine.* FROM unnest($2) AS wanted (partner_id) CROSS JOIN LATERAL ( \
                 SELECT t.* FROM evaluations e \
                 JOIN transactions t ON t.account_id = e.account_id AND t.id = e.transaction_id \
                 WHERE e.account_id = $1 AND e.partner_id = wanted.partner_id AND e.transaction_id IS NOT NULL \
                   AND NOT EXISTS (SELECT FROM evaluations l WHERE l.source = e.source AND l.number > e.number) AND ($3 IS NULL OR e.program_id = ANY ($3)) AND ($4 IS NULL OR e.transaction_id < $4) \
                 ORDER BY e.transaction_id DESC LIMIT $5 \
             ) AS mine ORDER BY mine.id DESC",
        )
        .bind::<Uuid, _>(scope.account_id)
        .bind::<Array<Uuid>, _>(partner_ids)
        .bind::<Nullable<Array<Uuid>>, _>(scope.programs())
        .bind::<Nullable<Uuid>, _>(after)
        .bind::<BigInt, _>(most)
        .prepared()
        .load(conn)
        .await?;
        Ok(rows.into_iter().map(|row| (row.whose, row.sale)).collect())
    }

    /// How many sales each of these partners' customers have that were evaluated, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_ids: &[PartnerId],
        cap: i64,
    ) -> diesel::QueryResult<Vec<(PartnerId, i64)>> {
        let rows: Vec<Counted> = sql_query(
            "SELECT wanted.partner_id AS whose, mine.count FROM unnest($2) AS wanted (partner_id) CROSS JOIN LATERAL ( \
                 SELECT count(*) AS count FROM ( \
                     SELECT FROM evaluations e WHERE e.account_id = $1 AND e.partner_id = wanted.partner_id AND e.transaction_id IS NOT NULL \
                       AND NOT EXISTS (SELECT FROM evaluations l WHERE l.source = e.source AND l.number > e.number) AND ($3 IS NULL OR e.program_id = ANY ($3)) LIMIT $4 \
                 ) AS counted \
             ) AS mine",
        )
        .bind::<Uuid, _>(scope.account_id)
        .bind::<Array<Uuid>, _>(partner_ids)
        .bind::<Nullable<Array<Uuid>>, _>(scope.programs())
        .bind::<BigInt, _>(cap)
        .prepared()
        .load(conn)
        .await?;
        Ok(rows.into_iter().map(|row| (row.whose, row.count)).collect())
    }
}

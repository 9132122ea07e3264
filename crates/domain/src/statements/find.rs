use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, StatementId};

use super::{PaperStatus, Statement};
use crate::{schema::statements, scope::AccountScope};

/// A page of each partner's, the newest first.
const PAGES: &str = "\
    SELECT s.* FROM unnest($2) AS p (id) CROSS JOIN LATERAL ( \
        SELECT * FROM statements WHERE account_id = $1 AND partner_id = p.id AND ($3 IS NULL OR id < $3) \
        ORDER BY id DESC LIMIT $4) s \
    ORDER BY s.partner_id, s.id DESC";

impl Statement {
    /// The statement of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: StatementId,
    ) -> QueryResult<Option<Self>> {
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// The statements of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[StatementId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = statements::table
            .filter(statements::account_id.eq(scope.account_id))
            .filter(statements::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The statement of that id if it waits to be rendered, its row locked until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_pending(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        id: StatementId,
    ) -> QueryResult<Option<Self>> {
        statements::table
            .filter(statements::account_id.eq(account_id))
            .filter(statements::id.eq(id))
            .filter(statements::status.eq(PaperStatus::Pending))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// Of each of these partners, which were found in the scope, so many statements behind one, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partners: &[PartnerId],
        (after, most): (Option<StatementId>, i64),
    ) -> QueryResult<Vec<Self>> {
        diesel::sql_query(PAGES)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Array<Uuid>, _>(partners)
            .bind::<Nullable<Uuid>, _>(after)
            .bind::<BigInt, _>(most)
            .load(conn)
            .await
    }

    /// How many statements each of these partners has, which were found in the scope; nothing of those who have none.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partners: &[PartnerId],
    ) -> QueryResult<Vec<(PartnerId, i64)>> {
        statements::table
            .filter(statements::account_id.eq(scope.account_id))
            .filter(statements::partner_id.eq_any(partners))
            .group_by(statements::partner_id)
            .select((statements::partner_id, diesel::dsl::count_star()))
            .load(conn)
            .await
    }
}

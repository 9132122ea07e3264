use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Event;
use crate::{page::MAX_PAGE, schema::events, scope::AccountScope};

impl Event {
    /// The latest events in reach, newest first, at most `most` and at most 100. Of some programs each one's latest are
    /// found by themselves: what others do in the meantime is not read.
    ///
    /// # Errors
    /// The database's.
    pub async fn recent(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        most: i64,
    ) -> QueryResult<Vec<Self>> {
        let most = most.clamp(0, MAX_PAGE);
        let mut query = events::table
            .filter(events::account_id.eq(scope.account_id))
            .filter(events::position.is_not_null())
            .order(events::position.desc())
            .limit(most)
            .select(Self::as_select())
            .into_boxed();
        if let Some(programs) = scope.programs() {
            query = query.filter(
                sql::<Bool>(
                    "events.position = ANY (ARRAY(SELECT l.position FROM programs p CROSS JOIN LATERAL \
                     (SELECT e.position FROM events e WHERE e.program_id = p.id AND e.position IS NOT NULL \
                     ORDER BY e.position DESC LIMIT ",
                )
                .bind::<BigInt, _>(most)
                .sql(") l WHERE p.account_id = ")
                .bind::<Uuid, _>(scope.account_id)
                .sql(" AND p.id = ANY (")
                .bind::<Array<Uuid>, _>(programs)
                .sql(") ORDER BY l.position DESC LIMIT ")
                .bind::<BigInt, _>(most)
                .sql("))"),
            );
        }
        query.load(conn).await
    }
}

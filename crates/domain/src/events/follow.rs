//! What those read who follow the feed as it grows.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Arrived, Event, EventKind, arrived::Row};
use crate::{
    schema::{event_counter, events},
    scope::AccountScope,
};

impl Event {
    /// The last position that was given: whatever is committed at or before it, now and later, is seen by the next
    /// statement, because positions are given under a lock that is held until they are committed.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_position(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
        event_counter::table.select(event_counter::position).first(conn).await
    }

    /// The next events behind a position, of all accounts, at most `most`: for the one reader of a process, who hands them
    /// on only to those who reach them. Those of a kind that only newer processes know have their place all the same.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_all_accounts(
        conn: &mut AsyncPgConnection,
        after: i64,
        most: i64,
    ) -> QueryResult<Vec<Arrived>> {
        let rows: Vec<Row> = events::table
            .filter(events::position.gt(after))
            .order(events::position)
            .limit(most)
            .select(Row::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().map(Arrived::from).collect())
    }

    /// A stretch of the feed in its order, behind `after` and up to `until`, at most `most`; of the kinds that are named,
    /// or of all that this process knows.
    ///
    /// # Errors
    /// The database's.
    pub async fn between(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        kinds: &[EventKind],
        (after, until): (i64, i64),
        most: i64,
    ) -> QueryResult<Vec<Self>> {
        let kinds = if kinds.is_empty() { EventKind::ALL } else { kinds };
        let stretch = Self::matching(scope, kinds).order(events::position).limit(most);
        let stretch = stretch.filter(events::position.gt(after)).filter(events::position.le(until));
        stretch.select(Self::as_select()).load(conn).await
    }
}

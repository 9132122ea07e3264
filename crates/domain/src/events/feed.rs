use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::EventId;

use super::{Event, EventKind};
use crate::{
    page::{Page, PageArgs},
    schema::events,
    scope::AccountScope,
};

impl Event {
    /// The feed in its order, from behind the position `after`; of the kinds that are named, or of all.
    ///
    /// # Errors
    /// The database's.
    pub async fn feed(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        kinds: &[EventKind],
        page: PageArgs<i64>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, kinds).order(events::position);
        query = query.filter(events::position.gt(page.after.unwrap_or(0)));
        let rows = query.limit(page.limit()).select(Self::as_select()).load(conn).await?;
        Ok(Page::of(rows, &page))
    }

    /// How many events of these kinds the feed has, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        kinds: &[EventKind],
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<EventId> = Self::matching(scope, kinds).limit(cap).select(events::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    pub(super) fn matching<'a>(
        scope: &AccountScope,
        kinds: &[EventKind],
    ) -> events::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = events::table
            .filter(events::account_id.eq(scope.account_id))
            .filter(events::position.is_not_null())
            .into_boxed();
        if let Some(programs) = scope.programs() {
            query = query.filter(events::program_id.eq_any(programs.to_vec()));
        }
        if !kinds.is_empty() {
            query = query.filter(events::kind.eq_any(kinds.to_vec()));
        }
        query
    }

    /// The event of that id, if it is in reach and has its place in the feed.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: EventId,
    ) -> QueryResult<Option<Self>> {
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// The events of these ids that are in reach and have their place in the feed, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[EventId],
    ) -> QueryResult<Vec<Self>> {
        let query = Self::matching(scope, &[]).filter(events::id.eq_any(ids.to_vec()));
        query.select(Self::as_select()).load(conn).await
    }
}

use std::sync::Arc;

use domain::{
    db::DatabaseError,
    events::{Event, EventKind},
    scope::AccountScope,
};
use tokio::{sync::watch, time::sleep};

use super::{
    AFTER_FAILURE,
    hub::{Hub, Present},
};

/// The most events that are taken from the ring at once, and the rows of one page of the past.
const STRETCH: usize = 100;
/// The most positions that one page of the past looks through: who wants what is rare goes on by as many, found or not, and no
/// page takes long.
const WINDOW: i64 = 10_000;

/// Which events a follower is told of.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Those in reach.
    pub scope: AccountScope,
    /// Of these kinds; of all when empty.
    pub kinds: Vec<EventKind>,
}

impl Wanted {
    fn admits(&self, event: &Event) -> bool {
        let is_in_reach = match self.scope.programs() {
            None => true,
            Some(programs) => event.program_id.is_some_and(|id| programs.contains(&id)),
        };
        event.account_id == self.scope.account_id
            && is_in_reach
            && (self.kinds.is_empty() || self.kinds.contains(&event.kind))
    }
}

/// The feed from a position on, and on, and on: first what lies behind the ring, page by page, then the ring. Each event
/// comes once and in order, because both hold all events between two positions, and the next stretch begins where the last
/// one ended. Who falls behind the ring reads pages again. A failing database is asked again; the stream has no end.
pub struct Follow {
    hub: Present,
    head: watch::Receiver<Option<i64>>,
    wanted: Wanted,
    cursor: i64,
}

impl Hub {
    /// Follows the feed. `begin` is told the newest position and says behind which to begin.
    pub async fn follow(self: &Arc<Self>, wanted: Wanted, begin: impl FnOnce(i64) -> i64) -> Follow {
        let hub = self.enter();
        let mut head = self.head();
        let newest = match head.wait_for(Option::is_some).await {
            Ok(newest) => newest.unwrap_or_default(),
            Err(_) => 0,
        };
        Follow { hub, head, wanted, cursor: begin(newest) }
    }
}

impl Follow {
    /// The next events, in order; waits until there is one.
    pub async fn next(&mut self) -> Vec<Arc<Event>> {
        loop {
            let found = match self.hub.0.after(self.cursor, STRETCH, |event| self.wanted.admits(event)) {
                Some((found, looked_to)) => {
                    if looked_to == self.cursor {
                        self.wait_for_more().await;
                    }
                    self.cursor = looked_to;
                    found
                }
                None => self.past().await,
            };
            if !found.is_empty() {
                return found;
            }
        }
    }

    /// Waits for an event, passes over all that there are, and answers the position that it came to.
    pub async fn skip(&mut self) -> i64 {
        loop {
            let head = self.head.borrow_and_update().unwrap_or(self.cursor);
            let found = self.hub.0.after(self.cursor, 1, |event| self.wanted.admits(event));
            let from = self.cursor;
            self.cursor = head.max(from);
            // Who is that far behind has missed something.
            if found.is_none_or(|(found, _)| !found.is_empty()) && from < head {
                return self.cursor;
            }
            self.wait_for_more().await;
        }
    }

    async fn wait_for_more(&mut self) {
        let cursor = self.cursor;
        // The hub outlives its followers.
        let _ = self.head.wait_for(|head| head.is_some_and(|head| head > cursor)).await;
    }

    /// A page of what lies behind the ring.
    async fn past(&mut self) -> Vec<Arc<Event>> {
        let Some(head) = *self.head.borrow() else { return Vec::new() };
        let until = head.min(self.cursor.saturating_add(WINDOW));
        match self.page(until).await {
            Ok(rows) if rows.len() == STRETCH => {
                self.cursor = rows.last().and_then(|event| event.position).unwrap_or(until);
                rows
            }
            Ok(rows) => {
                self.cursor = until;
                rows
            }
            Err(error) => {
                tracing::warn!(%error, "a follower's past could not be read; it is tried again");
                sleep(AFTER_FAILURE).await;
                Vec::new()
            }
        }
    }

    async fn page(&self, until: i64) -> Result<Vec<Arc<Event>>, DatabaseError> {
        let hub = &self.hub.0;
        let _turn = hub.replays.take(self.wanted.scope.account_id).await;
        let conn = &mut *hub.db.get().await?;
        let Wanted { scope, kinds } = &self.wanted;
        let most = i64::try_from(STRETCH).unwrap_or(i64::MAX);
        let rows = Event::between(conn, scope, kinds, (self.cursor, until), most).await?;
        Ok(rows.into_iter().map(Arc::new).collect())
    }
}

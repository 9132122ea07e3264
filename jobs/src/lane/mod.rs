//! The fast lane: a Redis list per queue and kind, of ids that were dispatched. It may be lost at any time; what is in it is
//! bounded by the dispatcher's window, and an id too many or too few only costs a look at PostgreSQL.

#[cfg(feature = "measured")]
mod alone;
mod backend;
mod entry;
mod link;

use std::collections::BTreeMap;

use queue::Dispatched;
use redis::RedisResult;

#[cfg(feature = "measured")]
pub use alone::lane_alone;
pub(crate) use backend::{KindLane, Taken};
pub(crate) use entry::Entry;
pub(crate) use link::RedisLink;

/// The most ids of one command.
const CHUNK: usize = 500;

/// Where ids are pushed to. Clones share the connection.
#[derive(Clone)]
pub(crate) struct Lane {
    link: RedisLink,
    prefix: String,
}

impl Lane {
    pub(crate) fn new(link: RedisLink, prefix: &str) -> Self {
        Self { link, prefix: prefix.to_owned() }
    }

    /// The list of a kind.
    pub(crate) fn key(&self, queue: &str, kind: &str) -> String {
        format!("{}lane:{queue}:{kind}", self.prefix)
    }

    /// Pushes dispatched ids to the ends of their lists, in one round trip.
    pub(crate) async fn push(&self, jobs: &[Dispatched]) -> RedisResult<()> {
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for job in jobs {
            let entry = Entry { id: job.id, alone: job.alone };
            lists.entry(self.key(&job.queue, &job.kind)).or_default().push(entry.to_string());
        }
        let mut pipe = redis::pipe();
        for (list, entries) in &lists {
            for chunk in entries.chunks(CHUNK) {
                pipe.rpush(list, chunk).ignore();
            }
        }
        if lists.is_empty() { Ok(()) } else { self.link.query(&pipe).await }
    }

    /// Puts entries back to the front of their list.
    pub(crate) async fn put_back(&self, queue: &str, kind: &str, entries: &[Entry]) -> RedisResult<()> {
        let texts: Vec<String> = entries.iter().map(ToString::to_string).collect();
        let mut pipe = redis::pipe();
        pipe.lpush(self.key(queue, kind), texts).ignore();
        self.link.query(&pipe).await
    }

    /// The lengths of the lists of these queues and kinds, in order.
    pub(crate) async fn lengths(&self, lists: &[(&str, &str)]) -> RedisResult<Vec<i64>> {
        let mut pipe = redis::pipe();
        for (queue, kind) in lists {
            pipe.llen(self.key(queue, kind));
        }
        if lists.is_empty() { Ok(Vec::new()) } else { self.link.query(&pipe).await }
    }
}

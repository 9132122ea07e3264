use std::sync::{
    Arc, Mutex, PoisonError, RwLock,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use domain::{
    clock::Clock,
    db::{DatabaseError, Db},
    events::Event,
};
use queue::Wake;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};

use super::{AFTER_FAILURE, Pace, kept_up::keep_up, ring::Ring, turns::Turns};

/// The most events of one read.
const BATCH: i64 = 2_000;
/// How many followers read at the same time what lies behind the ring. They share the pool with all requests.
const REPLAYS: usize = 4;

/// The one reader of the feed in a process. It reads while somebody follows.
pub struct Hub {
    pub(super) db: Db,
    pub(super) replays: Turns,
    clock: Clock,
    pace: Pace,
    ring: RwLock<Option<Ring>>,
    head: watch::Sender<Option<i64>>,
    grown: Notify,
    presence: Mutex<Presence>,
    reads: AtomicU64,
    delay_millis: AtomicI64,
    /// When a read succeeded last, or the first was to begin.
    read_at: Mutex<Instant>,
}

#[derive(Default)]
struct Presence {
    followers: usize,
    is_reading: bool,
}

/// How the hub is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubFigures {
    /// Streams that follow the feed.
    pub followers: usize,
    /// Somebody follows, and the reader does not know yet where to begin.
    pub is_finding_its_start: bool,
    /// The last position that was read; 0 while nobody follows.
    pub position: i64,
    /// Reads that found events, since the process started.
    pub reads: u64,
    /// From the recording of the last event to its arrival here, in milliseconds.
    pub delay_millis: i64,
    /// For how long no read has succeeded, in milliseconds; 0 while nobody follows.
    pub silent_millis: u64,
}

/// Somebody follows, until it is dropped.
pub(super) struct Present(pub(super) Arc<Hub>);

impl Wake for Hub {
    /// The feed has grown.
    fn wake(&self) {
        self.grown.notify_one();
    }
}

impl Hub {
    pub(super) fn new(db: Db, clock: Clock, pace: Pace) -> Arc<Self> {
        Arc::new(Self {
            db,
            clock,
            pace,
            replays: Turns::new(REPLAYS),
            ring: RwLock::default(),
            head: watch::Sender::new(None),
            grown: Notify::new(),
            presence: Mutex::default(),
            reads: AtomicU64::new(0),
            delay_millis: AtomicI64::new(0),
            read_at: Mutex::new(Instant::now()),
        })
    }

    /// How it is doing.
    pub fn figures(&self) -> HubFigures {
        let followers = self.presence.lock().unwrap_or_else(PoisonError::into_inner).followers;
        let head = *self.head.borrow();
        let silent = self.read_at.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
        HubFigures {
            followers,
            is_finding_its_start: followers > 0 && head.is_none(),
            position: head.unwrap_or(0),
            reads: self.reads.load(Ordering::Relaxed),
            delay_millis: self.delay_millis.load(Ordering::Relaxed),
            silent_millis: if followers > 0 {
                u64::try_from(silent.as_millis()).unwrap_or(u64::MAX)
            } else {
                0
            },
        }
    }

    /// Counts a follower in; the first one starts the reader.
    pub(super) fn enter(self: &Arc<Self>) -> Present {
        let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
        presence.followers += 1;
        if !std::mem::replace(&mut presence.is_reading, true) {
            let hub = Arc::clone(self);
            tokio::spawn(keep_up("the reader of the feed", move || Arc::clone(&hub).read_on()));
        }
        Present(Arc::clone(self))
    }

    /// Follows the last position that was read; none before the reader has found its start.
    pub(super) fn head(&self) -> watch::Receiver<Option<i64>> {
        self.head.subscribe()
    }

    /// As [`Ring::after`]; `None` also before the reader has found its start.
    pub(super) fn after(
        &self,
        cursor: i64,
        most: usize,
        wants: impl Fn(&Event) -> bool,
    ) -> Option<(Vec<Arc<Event>>, i64)> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.as_ref()?.after(cursor, most, wants)
    }

    /// Reads until nobody follows any more.
    async fn read_on(self: Arc<Self>) {
        self.note_read();
        loop {
            let read = self.read().await;
            if read.is_ok() {
                self.note_read();
            }
            match read {
                // There may be more.
                Ok(true) => {}
                Ok(false) => {
                    let _ = timeout(self.pace.feed, self.grown.notified()).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "the feed could not be followed; it is tried again");
                    sleep(AFTER_FAILURE).await;
                }
            }
            let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
            if presence.followers == 0 {
                presence.is_reading = false;
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = None;
                self.head.send_replace(None);
                return;
            }
        }
    }

    fn note_read(&self) {
        *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// One read. Answers whether a whole batch was there.
    async fn read(&self) -> Result<bool, DatabaseError> {
        let conn = &mut *self.db.get().await?;
        let Some(head) = *self.head.borrow() else {
            let head = Event::last_position(conn).await?;
            let ring = Ring::starting_at(head, self.pace.ring);
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Some(ring);
            self.head.send_replace(Some(head));
            return Ok(false);
        };
        let batch = Event::of_all_accounts(conn, head, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(false) };
        let delay = self.clock.now() - last.at;
        self.delay_millis.store(delay.num_milliseconds().max(0), Ordering::Relaxed);
        self.reads.fetch_add(1, Ordering::Relaxed);
        let unknown = batch.iter().filter(|arrived| arrived.event.is_none()).count();
        if unknown > 0 {
            tracing::warn!(unknown, "events of kinds that only a newer version knows are passed over");
        }
        let is_whole = i64::try_from(batch.len()).is_ok_and(|count| count == BATCH);
        let (head, missing) = {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            let Some(ring) = ring.as_mut() else { return Ok(false) };
            let missing = ring.push(batch);
            (ring.head(), missing)
        };
        self.head.send_replace(Some(head));
        if missing > 0 {
            tracing::error!(after = head, "a position is missing in the feed");
        }
        Ok(is_whole && missing == 0)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut presence = self.0.presence.lock().unwrap_or_else(PoisonError::into_inner);
        presence.followers -= 1;
        if presence.followers == 0 {
            // The reader need not wait to find out.
            self.0.grown.notify_one();
        }
    }
}

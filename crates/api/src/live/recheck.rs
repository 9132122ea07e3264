use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    clock::Clock,
    db::{DatabaseError, Db},
    team::{Holder, Standing, standings},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::{Pace, kept_up::keep_up};

/// Asks again and again, in one statement for all connections, whether the rights that they were opened with have changed.
pub struct Recheck {
    db: Db,
    clock: Clock,
    pace: Pace,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    holders: HashMap<Holder, Entry>,
    is_asking: bool,
}

struct Entry {
    connections: usize,
    /// `None` before the first look, and for who is locked out.
    standing: watch::Sender<Option<Standing>>,
}

/// A connection that is watched, until this is dropped.
pub struct Watched {
    recheck: Arc<Recheck>,
    holder: Holder,
    standing: watch::Receiver<Option<Standing>>,
}

impl Recheck {
    pub(super) fn new(db: Db, clock: Clock, pace: Pace) -> Arc<Self> {
        Arc::new(Self { db, clock, pace, open: Mutex::default() })
    }

    /// Watches the rights of a connection's holder. Whatever is looked up after this call and changes later is noticed.
    pub fn watch(self: &Arc<Self>, holder: Holder) -> Watched {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Entry { connections: 0, standing: watch::Sender::new(None) };
        let entry = open.holders.entry(holder).or_insert_with(new);
        entry.connections += 1;
        let standing = entry.standing.subscribe();
        if !std::mem::replace(&mut open.is_asking, true) {
            let recheck = Arc::clone(self);
            tokio::spawn(keep_up("the look at rights", move || Arc::clone(&recheck).ask_on()));
        }
        Watched { recheck: Arc::clone(self), holder, standing }
    }

    async fn ask_on(self: Arc<Self>) {
        let mut seen = Instant::now();
        loop {
            let holders: Vec<Holder> = {
                let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                if open.holders.is_empty() {
                    open.is_asking = false;
                    return;
                }
                open.holders.keys().copied().collect()
            };
            match self.ask(&holders).await {
                Ok(standings) => {
                    self.tell(&holders, standings);
                    seen = Instant::now();
                }
                // They keep what they had for a while: without a database they cannot read anything either.
                Err(error) => {
                    tracing::warn!(%error, "the rights of open connections were not looked up");
                    if seen.elapsed() >= self.pace.blind {
                        self.have_all_looked_up();
                        seen = Instant::now();
                    }
                }
            }
            sleep(self.pace.recheck).await;
        }
    }

    async fn ask(&self, holders: &[Holder]) -> Result<HashMap<Holder, Standing>, DatabaseError> {
        standings(&mut *self.db.get().await?, holders, self.clock.now()).await
    }

    fn tell(&self, asked: &[Holder], mut standings: HashMap<Holder, Standing>) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for holder in asked {
            let Some(entry) = open.holders.get(holder) else { continue };
            let standing = standings.remove(holder);
            entry.standing.send_if_modified(|known| {
                // Who is locked out before the first look is told too.
                let has_changed = *known != standing || standing.is_none();
                *known = standing;
                has_changed
            });
        }
    }
}

impl Recheck {
    /// Whoever cannot be looked up by themselves either may not stay.
    fn have_all_looked_up(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.holders.values().for_each(|entry| entry.standing.send_modify(|_| {}));
    }
}

impl Watched {
    /// Returns when rights may have changed: look them up again. The first look counts as a change, since nobody knows what
    /// happened before it.
    pub async fn changed(&mut self) {
        if self.standing.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut open = self.recheck.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = open.holders.get_mut(&self.holder) {
            entry.connections -= 1;
            if entry.connections == 0 {
                open.holders.remove(&self.holder);
            }
        }
    }
}

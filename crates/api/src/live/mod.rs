//! What stays open: those who follow the feed or the queues, and those who keep a connection.
//!
//! Each process reads what they wait for once, however many wait, and reads nothing when nobody does. A [`Hub`] reads the
//! new events of all accounts and keeps the latest in a ring; a [`Follow`] hands on those that its viewer reaches, and
//! reads from the database what lies behind the ring. [`Figures`] counts the queues. [`Recheck`] asks every second whether
//! those who keep a connection may still do what they could.

mod figures;
mod follow;
mod hub;
mod kept_up;
mod recheck;
mod resume;
mod ring;
mod turns;

use std::{sync::Arc, time::Duration};

use domain::{clock::Clock, db::Db};

pub use figures::{Counted, Figures};
pub use follow::{Follow, Wanted};
pub use hub::{Hub, HubFigures};
pub use recheck::{Recheck, Watched};
pub use resume::Resume;

/// How often what is open is looked after.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The longest between two looks at the feed; it is looked at sooner when somebody says that it grew.
    pub feed: Duration,
    /// Between two looks at the rights of those who are connected.
    pub recheck: Duration,
    /// How long rights may go without a look before everybody is looked up by themselves.
    pub blind: Duration,
    /// Between two counts of the queues, and between two hints to one subscriber.
    pub figures: Duration,
    /// How many events the ring keeps.
    pub ring: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            feed: Duration::from_millis(100),
            // A look takes its time, and whoever is removed is to be gone within a second.
            recheck: Duration::from_millis(800),
            blind: Duration::from_secs(10),
            figures: Duration::from_secs(1),
            ring: 16_384,
        }
    }
}

/// What a process shares among all that is open in it.
pub struct Live {
    /// The feed.
    pub hub: Arc<Hub>,
    /// The queues.
    pub figures: Arc<Figures>,
    /// The rights of those who are connected.
    pub recheck: Arc<Recheck>,
    /// The one clock of the process.
    pub clock: Clock,
    /// How often it is all looked after.
    pub pace: Pace,
}

impl Live {
    /// Nothing is read until somebody comes.
    pub fn new(db: &Db, clock: &Clock, pace: Pace) -> Arc<Self> {
        Arc::new(Self {
            hub: Hub::new(db.clone(), clock.clone(), pace),
            figures: Figures::new(db.clone(), clock.clone(), pace),
            recheck: Recheck::new(db.clone(), clock.clone(), pace),
            clock: clock.clone(),
            pace,
        })
    }
}

/// How long a loop waits after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

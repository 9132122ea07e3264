use std::sync::{Arc, Mutex, PoisonError};

use domain::{
    clock::Clock,
    db::{DatabaseError, Db},
};
use queue::QueueFigures;
use tokio::{sync::watch, time::sleep};

use super::{AFTER_FAILURE, Pace, kept_up::keep_up};

/// What was counted last.
pub type Counted = Option<Arc<Vec<QueueFigures>>>;

/// Counts the queues for all who watch them, and only while somebody does.
pub struct Figures {
    db: Db,
    clock: Clock,
    pace: Pace,
    counted: watch::Sender<Counted>,
    is_counting: Mutex<bool>,
}

impl Figures {
    pub(super) fn new(db: Db, clock: Clock, pace: Pace) -> Arc<Self> {
        Arc::new(Self { db, clock, pace, counted: watch::Sender::new(None), is_counting: Mutex::new(false) })
    }

    /// The figures as they are counted; none until then.
    pub fn watch(self: &Arc<Self>) -> watch::Receiver<Counted> {
        let mut is_counting = self.is_counting.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.counted.subscribe();
        if !std::mem::replace(&mut *is_counting, true) {
            let figures = Arc::clone(self);
            tokio::spawn(keep_up("the count of the queues", move || Arc::clone(&figures).count_on()));
        }
        receiver
    }

    async fn count_on(self: Arc<Self>) {
        loop {
            match self.count().await {
                Ok(figures) => {
                    self.counted.send_replace(Some(Arc::new(figures)));
                    sleep(self.pace.figures).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "the queues were not counted");
                    sleep(AFTER_FAILURE).await;
                }
            }
            let mut is_counting = self.is_counting.lock().unwrap_or_else(PoisonError::into_inner);
            if self.counted.receiver_count() == 0 {
                *is_counting = false;
                self.counted.send_replace(None);
                return;
            }
        }
    }

    async fn count(&self) -> Result<Vec<QueueFigures>, DatabaseError> {
        queue::figures(&mut *self.db.get().await?, self.clock.now()).await
    }
}

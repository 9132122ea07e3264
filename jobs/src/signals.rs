use tokio::sync::Notify;

/// The wake-ups within a process. Each keeps one: a signal that comes while its loop works is not lost.
#[derive(Default)]
pub(crate) struct Signals {
    /// An event may have been committed.
    pub sequence: Notify,
    /// A job may have become ready, or room in the lane.
    pub dispatch: Notify,
    /// Events have got their positions.
    pub feed: Notify,
}

impl Signals {
    /// Something was committed.
    pub(crate) fn committed(&self) {
        self.sequence.notify_one();
        self.dispatch.notify_one();
    }
}

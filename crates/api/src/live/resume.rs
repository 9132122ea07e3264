use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// No position: nothing was handed on.
const NOWHERE: i64 = -1;

/// How far a subscription has come, in the data of its operation. Its resolver notes what it hands on, whoever sends it
/// what has arrived; begun again, it goes on behind that. Clones share it.
#[derive(Debug, Clone)]
pub struct Resume(Arc<Marks>);

#[derive(Debug)]
struct Marks {
    handed_on: AtomicI64,
    delivered: AtomicI64,
}

impl Default for Resume {
    fn default() -> Self {
        Self::behind(None)
    }
}

impl Resume {
    /// From behind a position, if one is known. Positions begin at 1, so what lies before them is the beginning.
    pub fn behind(position: Option<i64>) -> Self {
        let at = || AtomicI64::new(position.map_or(NOWHERE, |position| position.max(0)));
        Self(Arc::new(Marks { handed_on: at(), delivered: at() }))
    }

    /// Where a resolver begins: behind what was delivered, otherwise at `first`, which is kept.
    pub fn start(&self, first: i64) -> i64 {
        let from = self.delivered().unwrap_or(first.max(0));
        self.0.handed_on.store(from, Ordering::Release);
        self.0.delivered.store(from, Ordering::Release);
        from
    }

    /// The next answer is about this position.
    pub fn hand_on(&self, position: i64) {
        self.0.handed_on.store(position, Ordering::Release);
    }

    /// What was handed on has arrived.
    pub fn deliver(&self) {
        self.0.delivered.store(self.0.handed_on.load(Ordering::Acquire), Ordering::Release);
    }

    /// The last position that arrived.
    pub fn delivered(&self) -> Option<i64> {
        Some(self.0.delivered.load(Ordering::Acquire)).filter(|position| *position != NOWHERE)
    }
}

#[cfg(test)]
mod tests {
    use super::Resume;

    #[test]
    fn what_was_handed_on_and_did_not_arrive_comes_again() {
        let resume = Resume::default();
        assert_eq!(resume.start(7), 7);
        resume.hand_on(9);
        resume.deliver();
        resume.hand_on(12);
        assert_eq!(resume.start(7), 9);
        assert_eq!(Resume::behind(Some(3)).start(7), 3);
        assert_eq!(Resume::behind(Some(i64::MIN)).start(7), 0);
        assert_eq!(Resume::default().start(-1), 0);
    }
}

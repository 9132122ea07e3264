use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use ids::{JobId, LeaseToken};

/// What this process runs at the moment: the leases to renew, and since when each handler has been at work.
#[derive(Default)]
pub(crate) struct Running {
    slices: Mutex<HashMap<u64, Held>>,
    next: AtomicU64,
}

struct Held {
    kind: &'static str,
    token: LeaseToken,
    ids: Vec<JobId>,
    max_run: Duration,
    /// Since when handlers are at work, by their numbers: a call, and beside it the records of those that ended. None
    /// while failures are written down.
    at_work: BTreeMap<u64, Instant>,
}

impl Held {
    fn at_work_since(&self) -> Option<Instant> {
        self.at_work.values().min().copied()
    }
}

/// A handler at work, until it leaves its scope.
pub(crate) struct AtWork<'a> {
    slot: &'a Slot,
    number: u64,
}

/// A slice's place among the running; leaving its scope ends it.
pub(crate) struct Slot {
    running: Arc<Running>,
    number: u64,
}

/// A handler that works longer than it may.
#[derive(Debug)]
pub(crate) struct Overdue {
    pub kind: &'static str,
    pub jobs: Vec<JobId>,
    pub after: Duration,
}

impl Running {
    fn slices(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Held>> {
        self.slices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(
        self: &Arc<Self>,
        kind: &'static str,
        token: LeaseToken,
        ids: Vec<JobId>,
        max_run: Duration,
    ) -> Slot {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.slices().insert(number, Held { kind, token, ids, max_run, at_work: BTreeMap::new() });
        Slot { running: Arc::clone(self), number }
    }

    /// The leases to renew: never one whose handler has had all its time.
    pub(crate) fn renewable(&self) -> Vec<(JobId, LeaseToken)> {
        let slices = self.slices();
        let in_time = slices
            .values()
            .filter(|held| held.at_work_since().is_none_or(|since| since.elapsed() < held.max_run));
        in_time.flat_map(|held| held.ids.iter().map(|id| (*id, held.token))).collect()
    }

    /// The leases of all that runs.
    pub(crate) fn held(&self) -> Vec<(JobId, LeaseToken)> {
        let slices = self.slices();
        slices.values().flat_map(|held| held.ids.iter().map(|id| (*id, held.token))).collect()
    }

    /// A handler that has been at work for longer than its time and `grace`.
    pub(crate) fn overdue(&self, grace: Duration) -> Option<Overdue> {
        let slices = self.slices();
        slices.values().find_map(|held| {
            let after = held.at_work_since()?.elapsed();
            let overdue = after > held.max_run + grace;
            overdue.then(|| Overdue { kind: held.kind, jobs: held.ids.clone(), after })
        })
    }

    /// How many jobs run.
    pub(crate) fn count(&self) -> usize {
        self.slices().values().map(|held| held.ids.len()).sum()
    }
}

impl Slot {
    /// A handler starts to work.
    pub(crate) fn starts(&self) -> AtWork<'_> {
        let number = self.running.next.fetch_add(1, Ordering::Relaxed);
        self.change(|held| {
            held.at_work.insert(number, Instant::now());
        });
        AtWork { slot: self, number }
    }

    /// Some of its jobs have ended: their leases are not renewed any more.
    pub(crate) fn ended(&self, jobs: &[JobId]) {
        self.change(|held| held.ids.retain(|id| !jobs.contains(id)));
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        if let Some(held) = self.running.slices().get_mut(&self.number) {
            change(held);
        }
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.slot.change(|held| {
            held.at_work.remove(&self.number);
        });
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.running.slices().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use ids::IdSource;

    use super::*;

    #[test]
    fn leases_are_renewed_between_handlers_and_in_time_only() {
        let ids = IdSource::seeded(1);
        let (one, two): (JobId, JobId) = (ids.next(DateTime::UNIX_EPOCH), ids.next(DateTime::UNIX_EPOCH));
        let running = Arc::new(Running::default());
        let token = ids.next(DateTime::UNIX_EPOCH);
        let slot = running.enter("stats.count", token, vec![one, two], Duration::ZERO);
        assert_eq!(running.renewable().len(), 2);

        let at_work = slot.starts();
        std::thread::sleep(Duration::from_millis(2));
        assert!(running.renewable().is_empty(), "past its time");
        assert!(running.overdue(Duration::from_secs(60)).is_none());
        assert_eq!(running.overdue(Duration::ZERO).unwrap().jobs, [one, two]);

        let recording = slot.starts();
        drop(recording);
        assert!(running.renewable().is_empty(), "the other one still works");
        drop(at_work);
        slot.ended(&[one]);
        assert_eq!(running.renewable(), [(two, token)]);
        drop(slot);
        assert_eq!(running.count(), 0);
    }
}

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::time::Instant;

use super::{Budget, Verdict};

/// How many buckets one process keeps. When all are in use, newcomers share one: memory stays bounded, and a flood of
/// addresses cannot wash out the bucket of somebody's log-in.
const MOST: usize = 10_000;
const SHARED_BY_NEWCOMERS: &str = "*";

#[derive(Default, Clone)]
pub(super) struct LocalBuckets(Arc<Mutex<HashMap<String, Bucket>>>);

struct Bucket {
    level: f64,
    at: Instant,
    /// When it will be empty, and as good as gone.
    empty_at: Instant,
}

impl LocalBuckets {
    pub(super) fn spend(&self, key: &str, budget: Budget, cost: f64, now: Instant) -> Verdict {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(key) {
            buckets.retain(|_, bucket| bucket.empty_at > now);
        }
        let key = if buckets.len() >= MOST && !buckets.contains_key(key) { SHARED_BY_NEWCOMERS } else { key };
        let bucket = buckets.entry(key.to_owned()).or_insert(Bucket { level: 0.0, at: now, empty_at: now });
        let run_off = now.saturating_duration_since(bucket.at).as_secs_f64() * budget.per_second;
        bucket.level = (bucket.level - run_off).max(0.0);
        bucket.at = now;
        let is_accepted = bucket.level + cost <= budget.capacity as f64;
        if is_accepted {
            bucket.level = (bucket.level + cost).max(0.0);
        }
        let secs = (bucket.level / budget.per_second).min(86_400.0);
        bucket.empty_at = now + std::time::Duration::from_secs_f64(secs);
        budget.verdict(is_accepted, bucket.level, cost)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const TEN: Budget = Budget { capacity: 10, per_second: 2.0 };

    #[test]
    fn it_fills_refuses_and_runs_off() {
        let (buckets, start) = (LocalBuckets::default(), Instant::now());
        let at =
            |secs: f64, cost| buckets.spend("k", TEN, f64::from(cost), start + Duration::from_secs_f64(secs));
        assert_eq!(at(0.0, 7), Verdict::Allowed { available: 3 });
        assert_eq!(at(0.0, 3), Verdict::Allowed { available: 0 });
        assert_eq!(at(0.0, 1), Verdict::Refused { retry_after: Duration::from_millis(500) });
        assert_eq!(at(0.5, 1), Verdict::Allowed { available: 0 });
        assert_eq!(at(100.0, 4), Verdict::Allowed { available: 6 });
        assert_eq!(
            at(100.0, -20),
            Verdict::Allowed { available: 10 },
            "given back, and no more than was there"
        );
        assert_eq!(at(100.0, 1), Verdict::Allowed { available: 9 });
        assert_eq!(buckets.spend("other", TEN, 10.0, start), Verdict::Allowed { available: 0 });
    }

    #[test]
    fn a_flood_of_keys_neither_grows_it_nor_frees_a_full_bucket() {
        let (buckets, now) = (LocalBuckets::default(), Instant::now());
        buckets.spend("victim", TEN, 10.0, now);
        for n in 0..MOST + 500 {
            buckets.spend(&format!("flood{n}"), TEN, 1.0, now);
        }
        assert_eq!(buckets.0.lock().unwrap().len(), MOST + 1);
        assert!(matches!(buckets.spend("victim", TEN, 1.0, now), Verdict::Refused { .. }));
        assert!(matches!(buckets.spend("newcomer", TEN, 1.0, now), Verdict::Refused { .. }));
        let later = now + Duration::from_secs(60);
        assert_eq!(buckets.spend("newcomer", TEN, 1.0, later), Verdict::Allowed { available: 9 });
        assert!(buckets.0.lock().unwrap().len() < 10, "empty buckets are forgotten");
    }
}

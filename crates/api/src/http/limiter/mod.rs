//! Leaky buckets: what a caller spends runs off at a steady rate, and what would overflow is refused. They stand in
//! Redis, so that all processes share them; while Redis is away each process counts for itself, and nobody is let
//! through uncounted.

mod local;
mod shared;

use std::time::Duration;

use local::LocalBuckets;
use shared::SharedBuckets;

/// The size of a bucket and how fast it empties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Points that may be spent at once.
    pub capacity: u64,
    /// Points that come back per second.
    pub per_second: f64,
}

impl Budget {
    /// `capacity` points at once, all of them back after `refill`.
    pub const fn over(capacity: u64, refill: Duration) -> Self {
        Self { capacity, per_second: capacity as f64 / refill.as_secs_f64() }
    }
}

/// Log-in attempts from one address: a whole office may sit behind it.
pub const LOGIN_PER_ADDRESS: Budget = Budget::over(50, Duration::from_secs(15 * 60));
/// Log-in attempts against one user, from anywhere.
pub const LOGIN_PER_USER: Budget = Budget::over(10, Duration::from_secs(15 * 60));
/// Registrations and emails (verification, reset, sign-in links) asked for from one address.
pub const EMAIL_PER_ADDRESS: Budget = Budget::over(30, Duration::from_secs(60 * 60));
/// Such emails to one recipient.
pub const EMAIL_PER_RECIPIENT: Budget = Budget::over(5, Duration::from_secs(60 * 60));

/// What a bucket said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Spent.
    Allowed {
        /// Points left at this moment.
        available: u64,
    },
    /// Nothing was spent.
    Refused {
        /// When the same cost would pass, if nobody else spends.
        retry_after: Duration,
    },
}

/// All buckets of this instance. Clones share them.
#[derive(Clone)]
pub struct Limiter {
    shared: Option<SharedBuckets>,
    local: LocalBuckets,
}

impl Limiter {
    /// Buckets in Redis under keys that start with `prefix`, with this process's own as the fallback. Connects when
    /// first used.
    ///
    /// # Errors
    /// When the URL is malformed.
    pub fn with_redis(url: &str, prefix: &str) -> anyhow::Result<Self> {
        Ok(Self { shared: Some(SharedBuckets::new(url, prefix)?), local: LocalBuckets::default() })
    }

    /// Buckets of this process only: for one process alone, and for tests.
    pub fn in_process() -> Self {
        Self { shared: None, local: LocalBuckets::default() }
    }

    /// Spends `cost` points of the bucket `key` (like `login:addr:192.0.2.1`), or refuses. A cost above the capacity
    /// asks for a full bucket, since it could never pass otherwise.
    pub async fn check(&self, key: &str, budget: Budget, cost: u64) -> Verdict {
        let cost = cost.min(budget.capacity);
        if let Some(shared) = &self.shared
            && let Some(verdict) = shared.spend(key, budget, cost as f64).await
        {
            return verdict;
        }
        self.local.spend(key, budget, cost as f64, tokio::time::Instant::now())
    }

    /// Gives back points that were spent before; of a bucket that holds fewer, all.
    pub(crate) async fn give_back(&self, key: &str, budget: Budget, points: u64) {
        if points == 0 {
            return;
        }
        let cost = -(points as f64);
        if let Some(shared) = &self.shared
            && shared.spend(key, budget, cost).await.is_some()
        {
            return;
        }
        self.local.spend(key, budget, cost, tokio::time::Instant::now());
    }
}

impl Budget {
    /// The verdict on a bucket that holds `level` points, `cost` included when it was accepted.
    fn verdict(self, is_accepted: bool, level: f64, cost: f64) -> Verdict {
        if is_accepted {
            return Verdict::Allowed { available: (self.capacity as f64 - level).max(0.0) as u64 };
        }
        let missing = level + cost - self.capacity as f64;
        Verdict::Refused {
            retry_after: Duration::from_secs_f64((missing / self.per_second).clamp(0.001, 86_400.0)),
        }
    }
}

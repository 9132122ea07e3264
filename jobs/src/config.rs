use std::time::Duration;

use anyhow::{Context, ensure};
use queue::Queue;

/// How a worker process works. The defaults are those of jobs.md; tests shorten the intervals.
#[derive(Debug, Clone)]
pub struct WorkersConfig {
    /// `REDIS_URL`: where the lane is.
    pub redis_url: String,
    /// `REDIS_PREFIX`: what every key starts with, so that installations can share a Redis.
    pub redis_prefix: String,
    /// The queues that this process works for; `refero work --queues`.
    pub queues: Vec<Queue>,
    /// `WORKER_CONCURRENCY`: slices of one kind that run beside each other.
    pub concurrency: usize,
    /// `WORKER_SLOTS`: slices of all kinds that run beside each other. The pool needs five connections more: the loops keep
    /// their own.
    pub slots: usize,
    /// Ids of one kind that are dispatched and not claimed, at most; fewer where all kinds have small slices.
    pub window: i64,
    /// How long a claim holds without renewal; it is renewed three times within that.
    pub lease: Duration,
    /// How long after its `MAX_RUN` a handler may still occupy a thread before the process is aborted.
    pub watchdog_grace: Duration,
    /// How often expired leases are looked for.
    pub sweep_every: Duration,
    /// How often the sequencer looks without being woken.
    pub sequence_every: Duration,
    /// How often the dispatcher looks without being woken.
    pub dispatch_every: Duration,
    /// How long after its dispatch an id that is neither in the lane nor claimed counts as lost.
    pub lost_after: Duration,
    /// How often schedules are looked at.
    pub schedule_every: Duration,
    /// How long one blocking pop waits.
    pub pop_wait: Duration,
}

impl WorkersConfig {
    /// The defaults, for all queues.
    pub fn new(redis_url: impl Into<String>) -> Self {
        Self {
            redis_url: redis_url.into(),
            redis_prefix: "refero:".to_owned(),
            queues: Queue::ALL.to_vec(),
            concurrency: 4,
            slots: 12,
            window: 2000,
            lease: Duration::from_secs(30),
            watchdog_grace: Duration::from_secs(10),
            sweep_every: Duration::from_secs(5),
            sequence_every: Duration::from_millis(50),
            dispatch_every: Duration::from_millis(100),
            lost_after: Duration::from_secs(2),
            schedule_every: Duration::from_secs(1),
            pop_wait: Duration::from_secs(1),
        }
    }

    /// Reads the environment.
    ///
    /// # Errors
    /// When `REDIS_URL` is missing, or a number is none or not positive.
    pub fn from_env() -> anyhow::Result<Self> {
        Self::of_url(env::required_var("REDIS_URL")?)
    }

    /// With the lane in the Redis at `redis_url`; the rest is read from the environment.
    ///
    /// # Errors
    /// When `WORKER_CONCURRENCY` is not a positive number.
    pub fn of_url(redis_url: String) -> anyhow::Result<Self> {
        let mut config = Self::new(redis_url);
        if let Some(prefix) = env::var("REDIS_PREFIX")? {
            config.redis_prefix = prefix;
        }
        if let Some(concurrency) = env::var_parsed("WORKER_CONCURRENCY")? {
            config.concurrency = concurrency;
        }
        if let Some(slots) = env::var_parsed("WORKER_SLOTS")? {
            config.slots = slots;
        }
        ensure!(config.concurrency > 0, "WORKER_CONCURRENCY must be at least 1");
        ensure!(config.slots > 0, "WORKER_SLOTS must be at least 1");
        Ok(config)
    }

    /// Only some queues, by their names separated by commas.
    ///
    /// # Errors
    /// When a name is not a queue's.
    pub fn only(mut self, names: &str) -> anyhow::Result<Self> {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        self.queues = names
            .map(|name| name.parse::<Queue>())
            .collect::<Result<_, _>>()
            .context("the list of queues cannot be read")?;
        ensure!(!self.queues.is_empty(), "the list of queues is empty");
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_chosen_by_name() {
        let config = WorkersConfig::new("redis://localhost").only("rewards, payouts,").unwrap();
        assert_eq!(config.queues, [Queue::Rewards, Queue::Payouts]);
        assert!(WorkersConfig::new("redis://localhost").only("rewards,mails").is_err());
        assert!(WorkersConfig::new("redis://localhost").only(" ").is_err());
    }
}

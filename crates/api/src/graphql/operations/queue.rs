use async_graphql::Object;
use queue::QueueFigures;
use rust_decimal::Decimal;

use crate::graphql::scalars::BigInt;

/// One of the queues that jobs wait in. A count is at most 10,001, which means: more than 10,000.
#[derive(Debug, Clone)]
pub struct Queue(pub QueueFigures);

impl From<QueueFigures> for Queue {
    fn from(figures: QueueFigures) -> Self {
        Self(figures)
    }
}

/// One of the queues that jobs wait in. A count is at most 10,001, which means: more than 10,000.
#[Object]
impl Queue {
    /// `rewards`, `payouts`, `emails`, `webhooks`, `invites`, `stats`, `imports` or `maintenance`.
    pub async fn name(&self) -> &str {
        &self.0.queue
    }

    /// Jobs that are due and that no worker has taken yet.
    async fn ready(&self) -> i64 {
        self.0.ready
    }

    /// Jobs that are not due yet, retries among them.
    async fn scheduled(&self) -> i64 {
        self.0.scheduled
    }

    /// Jobs that a worker has taken.
    async fn running(&self) -> i64 {
        self.0.running
    }

    /// Jobs that were given up within the last 90 days and not retried.
    async fn dead(&self) -> i64 {
        self.0.dead
    }

    /// For how many milliseconds the oldest ready job has been due; 0 when none is ready.
    async fn oldest_ready_age_ms(&self) -> BigInt {
        let age = self.0.oldest_ready_at.map(|since| (self.0.taken_at - since).num_milliseconds());
        BigInt(age.unwrap_or(0).max(0))
    }

    /// How many jobs ended per minute, over the last four to five minutes, to two decimals. Workers count it every few
    /// seconds.
    async fn throughput_per_minute(&self) -> Decimal {
        per_minute(self.0.ended_lately, self.0.counted_for().num_seconds())
    }

    /// Nothing of it is started until an operator resumes it; what runs ends.
    async fn paused(&self) -> bool {
        self.0.paused
    }
}

fn per_minute(ended: i64, seconds: i64) -> Decimal {
    let seconds = seconds.max(1);
    let hundredths = (ended.saturating_mul(6_000) + seconds / 2) / seconds;
    Decimal::new(hundredths, 2).normalize()
}

#[cfg(test)]
mod tests {
    use super::per_minute;

    #[test]
    fn throughput_is_per_minute_to_two_decimals() {
        for (ended, seconds, shown) in [(0, 240, "0"), (10, 240, "2.5"), (1, 271, "0.22"), (7, 0, "420")] {
            assert_eq!(per_minute(ended, seconds).to_string(), shown);
        }
    }
}

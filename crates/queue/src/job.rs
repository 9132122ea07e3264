use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The arguments of one kind of job: ids and small facts, never a secret, personal data or a snapshot of what may change.
///
/// They are stored as JSON and may be read by the binary before or after this one: add fields with `#[serde(default)]`,
/// and give an incompatible change a new [`KIND`](Job::KIND).
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stored name, e.g. `rewards.compute`. Renaming the type must not change it: queued rows would be orphaned.
    const KIND: &'static str;
    /// The queue that its rows wait in.
    const QUEUE: Queue;
    /// How often and how late it is tried again.
    const RETRY: Retry = Retry::DEFAULT;
    /// The longest that one run may take: its lease is not renewed beyond, it is stopped then, and ten seconds later the
    /// watchdog ends the process. For jobs in slices: the longest that a slice may take.
    const MAX_RUN: Duration = Duration::from_secs(60);
    /// How many jobs of the kind a handler is given at once: 1 for most, 100 and more for light ones.
    const SLICE: usize = 1;
    /// How many slices of the kind run beside each other in a process, at most, whatever its configuration allows: for
    /// kinds that share something scarce, such as connections to a mail server.
    const CONCURRENCY: usize = usize::MAX;

    /// Whether runs of one key take turns: a job whose twin runs is not claimed before that has ended, instead of waiting for
    /// a lock of the other and keeping a slot from those who need not wait.
    const SERIAL: bool = false;

    /// At most one waiting row per kind and key exists; `None`: every enqueue gets its own row.
    fn unique_key(&self) -> Option<String> {
        None
    }
}

/// The retry rule of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Runs in all, the first included; at least 1.
    pub max_attempts: i32,
    /// The longest pause between two of them; the pause is attempt^4 seconds with 20 % jitter.
    pub cap: Duration,
}

impl Retry {
    /// Twenty attempts, at most an hour apart: about twelve hours of trying.
    pub const DEFAULT: Self = Self { max_attempts: 20, cap: Duration::from_secs(3600) };
}

/// The queues that `refero work --queues` chooses from. Written as their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Computing and releasing rewards.
    Rewards,
    /// Freezing, executing and looking up payouts.
    Payouts,
    /// Sending email.
    Emails,
    /// Delivering webhooks.
    Webhooks,
    /// Sending invitations.
    Invites,
    /// Folding deltas into rollups.
    Stats,
    /// Reading uploaded files.
    Imports,
    /// Partitions, expiry and other housekeeping.
    Maintenance,
}

/// No queue has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownQueue(pub String);

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 8] = [
        Self::Rewards,
        Self::Payouts,
        Self::Emails,
        Self::Webhooks,
        Self::Invites,
        Self::Stats,
        Self::Imports,
        Self::Maintenance,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rewards => "rewards",
            Self::Payouts => "payouts",
            Self::Emails => "emails",
            Self::Webhooks => "webhooks",
            Self::Invites => "invites",
            Self::Stats => "stats",
            Self::Imports => "imports",
            Self::Maintenance => "maintenance",
        }
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Queue {
    type Err = UnknownQueue;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|queue| queue.as_str() == name)
            .ok_or_else(|| UnknownQueue(name.to_owned()))
    }
}

impl fmt::Display for UnknownQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = Queue::ALL.iter().map(|queue| queue.as_str()).collect();
        write!(f, "no queue is named `{}`; the queues are {}", self.0, known.join(", "))
    }
}

impl std::error::Error for UnknownQueue {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_queues_go_there_and_back() {
        for queue in Queue::ALL {
            assert_eq!(queue.as_str().parse(), Ok(queue));
        }
        let unknown = "mails".parse::<Queue>().unwrap_err();
        assert!(
            unknown.to_string().starts_with("no queue is named `mails`; the queues are rewards, payouts,")
        );
    }
}

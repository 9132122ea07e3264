use std::time::Duration;

use anyhow::ensure;

/// How much stays open at once, and how patient it is.
#[derive(Debug, Clone)]
pub struct LiveConfig {
    /// `LIVE_CONNECTIONS`: sockets and event streams of this process; more are answered `OVERLOADED`.
    pub connections: usize,
    /// `LIVE_CONNECTIONS_PER_VIEWER`: those of one user or key, and those of one address that have not said who they are.
    pub per_viewer: usize,
    /// `LIVE_SUBSCRIPTIONS`: subscriptions of this process, over whatever they come; more are answered `OVERLOADED`.
    pub subscriptions: usize,
    /// `LIVE_ACCOUNT_PERCENT`: how much of the connections and of the subscriptions of this process one account may have.
    pub account_percent: usize,
    /// Bytes that all subscriptions together may keep to begin again with.
    pub kept_bytes: usize,
    /// Bytes that one subscription may keep.
    pub kept_bytes_each: usize,
    /// The longest message from who has not said who they are, in bytes.
    pub stranger_bytes: usize,
    /// `LIVE_ORIGINS`: origins besides our own whose pages may open sockets, with a key and never with the cookie.
    pub origins: Vec<String>,
    /// Operations under way at once on one socket.
    pub operations_each: usize,
    /// Bytes that wait for one socket; who does not take them is held up, and then dropped.
    pub backlog_bytes: usize,
    /// How long there may be no room for the next message before its socket is dropped.
    pub patience: Duration,
    /// How long a socket may take to say who it is.
    pub init_deadline: Duration,
    /// How often a socket is asked for a sign of life. Whoever leaves two unanswered is dropped instead of a third.
    pub ping_every: Duration,
    /// How often a stream without events says that it is still there.
    pub heartbeat: Duration,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            connections: 4_000,
            per_viewer: 1_000,
            subscriptions: 20_000,
            account_percent: 50,
            kept_bytes: 128 * 1024 * 1024,
            kept_bytes_each: 64 * 1024,
            stranger_bytes: 4 * 1024,
            origins: Vec::new(),
            operations_each: 50,
            backlog_bytes: 256 * 1024,
            patience: Duration::from_secs(10),
            init_deadline: Duration::from_secs(3),
            ping_every: Duration::from_secs(20),
            heartbeat: Duration::from_secs(15),
        }
    }
}

impl LiveConfig {
    /// Reads the environment.
    ///
    /// # Errors
    /// When a value is malformed; the sentence names the key.
    pub fn from_env() -> anyhow::Result<Self> {
        let default = Self::default();
        let config = Self {
            connections: env::var_parsed("LIVE_CONNECTIONS")?.unwrap_or(default.connections),
            per_viewer: env::var_parsed("LIVE_CONNECTIONS_PER_VIEWER")?.unwrap_or(default.per_viewer),
            subscriptions: env::var_parsed("LIVE_SUBSCRIPTIONS")?.unwrap_or(default.subscriptions),
            account_percent: env::var_parsed("LIVE_ACCOUNT_PERCENT")?.unwrap_or(default.account_percent),
            origins: env::list("LIVE_ORIGINS")?,
            ..default
        };
        ensure!(config.connections > 0, "LIVE_CONNECTIONS must be at least 1");
        ensure!(config.subscriptions > 0, "LIVE_SUBSCRIPTIONS must be at least 1");
        ensure!(config.per_viewer > 0, "LIVE_CONNECTIONS_PER_VIEWER must be at least 1");
        ensure!(
            (1..=100).contains(&config.account_percent),
            "LIVE_ACCOUNT_PERCENT must be between 1 and 100"
        );
        Ok(config)
    }

    /// How many of so many places one account may have: one at least.
    pub(crate) fn share_of_account(&self, places: usize) -> usize {
        (places.saturating_mul(self.account_percent) / 100).max(1)
    }
}

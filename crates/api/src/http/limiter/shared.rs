use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use redis::{AsyncConnectionConfig, Client, RedisError, Script, aio::MultiplexedConnection};
use tokio::{sync::Mutex, time::Instant};

use super::{Budget, Verdict};

/// One round trip, and Redis's own clock: processes need not agree on the time.
static BUCKET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("bucket.lua")));

/// Longer than Redis ever needs; a caller waits no more than this for it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long Redis is left alone after a failure, so that not every request waits for it.
const COOL_DOWN: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(super) struct SharedBuckets {
    client: Client,
    prefix: Arc<str>,
    link: Arc<Mutex<Link>>,
}

enum Link {
    Idle,
    Up(MultiplexedConnection),
    DownUntil(Instant),
}

impl SharedBuckets {
    pub(super) fn new(url: &str, prefix: &str) -> anyhow::Result<Self> {
        Ok(Self { client: Client::open(url)?, prefix: prefix.into(), link: Arc::new(Mutex::new(Link::Idle)) })
    }

    /// `None` when Redis is away.
    pub(super) async fn spend(&self, key: &str, budget: Budget, cost: f64) -> Option<Verdict> {
        let mut connection = self.connection().await?;
        let answer = BUCKET
            .key(format!("{}limit:{key}", self.prefix))
            .arg(budget.capacity)
            .arg(budget.per_second)
            .arg(cost)
            .invoke_async::<(bool, f64)>(&mut connection)
            .await;
        match answer {
            Ok((is_accepted, level)) => Some(budget.verdict(is_accepted, level, cost)),
            Err(error) => {
                self.went_down(&error).await;
                None
            }
        }
    }

    async fn connection(&self) -> Option<MultiplexedConnection> {
        let mut link = self.link.lock().await;
        match &*link {
            Link::Up(connection) => return Some(connection.clone()),
            Link::DownUntil(until) if Instant::now() < *until => return None,
            Link::DownUntil(_) | Link::Idle => {}
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        match self.client.get_multiplexed_async_connection_with_config(&config).await {
            Ok(connection) => {
                *link = Link::Up(connection.clone());
                Some(connection)
            }
            Err(error) => {
                fall_back(&mut link, &error);
                None
            }
        }
    }

    async fn went_down(&self, error: &RedisError) {
        fall_back(&mut *self.link.lock().await, error);
    }
}

/// Warns once per outage, not once per request.
fn fall_back(link: &mut Link, error: &RedisError) {
    if !matches!(link, Link::DownUntil(_)) {
        tracing::warn!(%error, "rate limits are counted per process: Redis is away");
    }
    *link = Link::DownUntil(Instant::now() + COOL_DOWN);
}

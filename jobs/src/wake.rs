use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use futures_util::StreamExt;
use tokio::sync::Notify;

use crate::{lane::RedisLink, signals::Signals};

/// Wakes the sequencers and dispatchers of every worker process through Redis, and those of this process at once.
///
/// A message on a channel, not an entry of a list: every process hears it, whichever queues it works for, and nothing is
/// stored that could grow while nobody listens. A message that is lost costs one polling interval.
pub struct RedisWake {
    told: Arc<Notify>,
    here: Option<Arc<Signals>>,
}

impl queue::Wake for RedisWake {
    fn wake(&self) {
        if let Some(signals) = &self.here {
            signals.committed();
        }
        self.told.notify_one();
    }
}

impl RedisWake {
    /// For a process without workers. Nothing is connected until the first wake-up; must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn new(redis_url: &str, prefix: &str) -> anyhow::Result<Self> {
        Ok(Self::with(RedisLink::new(redis::Client::open(redis_url)?), prefix, None))
    }

    pub(crate) fn with(link: RedisLink, prefix: &str, here: Option<Arc<Signals>>) -> Self {
        let told = Arc::new(Notify::new());
        tokio::spawn(publish(link, commits(prefix), Arc::downgrade(&told)));
        Self { told, here }
    }
}

/// Says that something was committed.
fn commits(prefix: &str) -> String {
    format!("{prefix}wake")
}

/// Says that events have got their positions.
fn positions(prefix: &str) -> String {
    format!("{prefix}feed")
}

/// Publishes while anybody can wake: commits that come while a message is under way share the next one.
async fn publish(link: RedisLink, channel: String, alive: Weak<Notify>) {
    let mut message = redis::pipe();
    message.publish(&channel, "").ignore();
    loop {
        let Some(told) = alive.upgrade() else { return };
        let woken = tokio::time::timeout(Duration::from_secs(5), told.notified()).await.is_ok();
        drop(told);
        if woken && let Err(error) = link.query::<()>(&message).await {
            tracing::debug!(%error, "nobody was woken; they will look by themselves");
        }
    }
}

/// Tells all processes that serve of new positions, whenever the sequencer of this one has given some. Never ends.
pub(crate) async fn tell_of_events(link: RedisLink, prefix: String, signals: Arc<Signals>) {
    let mut message = redis::pipe();
    message.publish(positions(&prefix), "").ignore();
    loop {
        signals.feed.notified().await;
        if let Err(error) = link.query::<()>(&message).await {
            tracing::debug!(%error, "nobody was told of new events; they will look by themselves");
        }
    }
}

/// Passes on what others publish. Never ends: while Redis is away, polling finds everything.
pub(crate) async fn listen(link: RedisLink, prefix: String, signals: Arc<Signals>) {
    hear(&link, &commits(&prefix), || signals.committed()).await;
}

/// Wakes `follower` whenever events have got their positions, in this process or another one. Never ends: while Redis is
/// away, the follower has to look by itself.
///
/// # Errors
/// When the URL cannot be read.
pub fn hear_of_events(
    redis_url: &str,
    prefix: &str,
    follower: Arc<dyn queue::Wake>,
) -> anyhow::Result<impl Future<Output = ()> + use<>> {
    let (link, channel) = (RedisLink::new(redis::Client::open(redis_url)?), positions(prefix));
    Ok(async move { hear(&link, &channel, || follower.wake()).await })
}

async fn hear(link: &RedisLink, channel: &str, heard: impl Fn()) {
    loop {
        if let Err(error) = hear_once(link, channel, &heard).await {
            tracing::debug!(%error, channel, "not listening");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn hear_once(link: &RedisLink, channel: &str, heard: &impl Fn()) -> redis::RedisResult<()> {
    let mut listener = link.client().get_async_pubsub().await?;
    listener.subscribe(channel).await?;
    // What was published before the subscription was not heard.
    heard();
    let mut messages = listener.on_message();
    while messages.next().await.is_some() {
        heard();
    }
    Ok(())
}

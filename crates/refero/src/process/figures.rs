use std::{sync::Arc, time::Duration};

use api::{
    http::{Figure, Metrics},
    live::Hub,
};
use chrono::{DateTime, Utc};
use domain::{clock::Clock, db::Db};
use jobs::Workers;
use prometheus_client::metrics::{family::Family, gauge::Gauge};
use queue::QueueFigures;

/// How often what stands in PostgreSQL and Redis is counted. The counts are bounded, whatever the backlog.
const EVERY: Duration = Duration::from_secs(10);

type OfQueue = [(&'static str, String); 1];
type OfState = [(&'static str, String); 2];

/// The figures of the queues, as every process sees them.
#[derive(Default)]
pub struct Queues {
    jobs: Family<OfState, Gauge>,
    oldest_secs: Family<OfQueue, Gauge>,
    paused: Family<OfQueue, Gauge>,
    lane: Family<OfQueue, Gauge>,
}

/// Shows a pool's connections in `/metrics`.
pub fn show_pool(metrics: &Metrics, db: &Db) {
    let db = db.clone();
    metrics.register_figures(move || {
        let (in_use, open) = db.usage();
        let figure = |name, help, value: usize| Figure { name, help, value: value as f64 };
        vec![
            figure("db_connections_in_use", "Connections of the API's pool in use", in_use),
            figure("db_connections_open", "Connections of the API's pool", open),
        ]
    });
}

/// Shows how the reader of the feed is doing in `/metrics`.
pub fn show_hub(metrics: &Metrics, hub: &Arc<Hub>) {
    let hub = Arc::clone(hub);
    metrics.register_figures(move || {
        let figures = hub.figures();
        let figure = |name, help, value: f64| Figure { name, help, value };
        vec![
            figure("live_followers", "Streams that follow the feed", figures.followers as f64),
            figure("live_feed_position", "The last position that was read", figures.position as f64),
            figure("live_feed_reads", "Reads of the feed that found events", figures.reads as f64),
            figure(
                "live_feed_delay_seconds",
                "From the recording of the last event to its arrival here",
                figures.delay_millis as f64 / 1_000.0,
            ),
            figure(
                "live_feed_silence_seconds",
                "For how long no read of the feed has succeeded, while somebody follows",
                figures.silent_millis as f64 / 1_000.0,
            ),
        ]
    });
}

async fn count(db: &Db, now: DateTime<Utc>) -> anyhow::Result<Vec<QueueFigures>> {
    Ok(queue::figures(&mut *db.get().await?, now).await?)
}

impl Queues {
    /// Figures that `/metrics` shows.
    pub fn shown_in(metrics: &Metrics) -> Self {
        let queues = Self::default();
        metrics.register(|registry| {
            registry.register("queue_jobs", "Jobs by queue and state, at most 10,001", queues.jobs.clone());
            let oldest = queues.oldest_secs.clone();
            registry.register(
                "queue_oldest_ready_seconds",
                "For how long the oldest ready job has been due",
                oldest,
            );
            registry.register("queue_paused", "1 while nothing of the queue is run", queues.paused.clone());
            registry.register("lane_length", "Ids in Redis, by kind of job", queues.lane.clone());
        });
        queues
    }

    /// Counts again and again. Never ends.
    pub async fn keep_counted(&self, db: &Db, clock: &Clock, workers: Option<&Workers>) {
        loop {
            match count(db, clock.now()).await {
                Ok(figures) => figures.iter().for_each(|figures| self.show(figures, clock.now())),
                Err(error) => tracing::debug!(%error, "the queues were not counted"),
            }
            if let Some(workers) = workers {
                for (kind, length) in workers.lane_lengths().await {
                    self.lane.get_or_create(&[("kind", kind.to_owned())]).set(length);
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn show(&self, figures: &QueueFigures, now: DateTime<Utc>) {
        let queue = || ("queue", figures.queue.clone());
        let states = [
            ("ready", figures.ready),
            ("scheduled", figures.scheduled),
            ("running", figures.running),
            ("dead", figures.dead),
        ];
        for (state, jobs) in states {
            self.jobs.get_or_create(&[queue(), ("state", state.to_owned())]).set(jobs);
        }
        let waited = figures.oldest_ready_at.map_or(0, |since| (now - since).num_seconds().max(0));
        self.oldest_secs.get_or_create(&[queue()]).set(waited);
        self.paused.get_or_create(&[queue()]).set(i64::from(figures.paused));
    }
}

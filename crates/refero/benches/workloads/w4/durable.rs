//! A job that does nothing, durable: from the ledger through Redis to a handler and into the history.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use ids::IdSource;
use jobs::{Act, Claimed, Failure, Registry, Workers, WorkersConfig};
use queue::{Job, NewJob, Queue};
use serde::{Deserialize, Serialize};

use crate::{
    ground::{Base, Ground},
    pgbench::{Length, Script},
};

/// Slices at once, ours and pgbench's.
pub const CONCURRENCY: usize = 4;
/// Jobs of a slice, ours and pgbench's; graphile-worker fetches as many at once.
pub const SLICE: usize = 500;
/// Rows that are enqueued in one transaction.
const BATCH: usize = 10_000;
const LIMIT: Duration = Duration::from_secs(120);

/// Nothing to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Nothing {
    number: usize,
}

impl Job for Nothing {
    const KIND: &'static str = "stats.nothing";
    const QUEUE: Queue = Queue::Stats;
    const SLICE: usize = SLICE;
}

/// Counts what it is handed.
struct Count(Arc<AtomicUsize>);

impl Act for Count {
    type Job = Nothing;

    async fn act(
        &self,
        _conn: &mut AsyncPgConnection,
        jobs: &[Claimed<Nothing>],
        _now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.0.fetch_add(jobs.len(), Ordering::Relaxed);
        Ok(())
    }
}

/// The ledgers of both, each its own.
pub struct Durable {
    script: Script,
    peer: Base,
    ours: Base,
}

impl Durable {
    pub async fn prepare(ground: &Ground) -> anyhow::Result<Self> {
        Ok(Self {
            script: Script::new("w4", include_str!("slice.sql"), Vec::new())?,
            peer: ground.migrated("bench_w4_peer").await?,
            ours: ground.migrated("bench_w4").await?,
        })
    }

    /// Jobs per second by pgbench.
    pub async fn by_pgbench(&self, jobs: usize) -> anyhow::Result<f64> {
        by_pgbench(&self.peer, &self.script, jobs).await
    }

    /// Jobs per second by us.
    pub async fn by_us(&self, ground: &Ground, jobs: usize) -> anyhow::Result<f64> {
        by_us(&self.ours, ground, jobs).await
    }

    /// How many jobs of ours have ended.
    pub async fn history(&self) -> anyhow::Result<u64> {
        self.ours.count("SELECT count(*) FROM job_history").await
    }
}

/// Enqueues as the product does, and has the planner see it.
async fn enqueue(base: &Base, jobs: usize) -> anyhow::Result<()> {
    let ids = IdSource::from_system()?;
    let conn = &mut *base.db.get().await?;
    let all: Vec<NewJob> = (0..jobs).map(|number| NewJob::of(&Nothing { number })).collect();
    for batch in all.chunks(BATCH) {
        queue::enqueue(conn, base.clock.now(), &ids, batch).await?;
    }
    base.execute("VACUUM ANALYZE jobs").await
}

async fn by_pgbench(base: &Base, script: &Script, jobs: usize) -> anyhow::Result<f64> {
    enqueue(base, jobs).await?;
    let slices = jobs.div_ceil(SLICE * CONCURRENCY);
    let per_second = script.run(&base.url, CONCURRENCY, Length::Transactions(slices)).await?;
    // Some slices are short, because another client was quicker, and the jobs that they lack are left.
    let left = base.count("SELECT count(*) FROM jobs").await?;
    base.execute("DELETE FROM jobs").await?;
    let seconds = (slices * CONCURRENCY) as f64 / per_second;
    Ok((jobs as f64 - left as f64) / seconds)
}

async fn by_us(base: &Base, ground: &Ground, jobs: usize) -> anyhow::Result<f64> {
    queue::pause(&mut *base.db.get().await?, Queue::Stats, "bench", base.clock.now()).await?;
    enqueue(base, jobs).await?;
    let handled = Arc::new(AtomicUsize::new(0));
    let registry = Registry::default().act(Count(Arc::clone(&handled)));
    let config = WorkersConfig {
        queues: vec![Queue::Stats],
        concurrency: CONCURRENCY,
        ..WorkersConfig::new(&ground.redis_url)
    };
    let (clock, ids) = (base.clock.clone(), IdSource::from_system()?);
    let workers = Workers::start(config, base.db.clone(), clock, ids, registry, None).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;

    let begun = Instant::now();
    queue::resume(&mut *base.db.get().await?, Queue::Stats).await?;
    workers.wake().wake();
    while handled.load(Ordering::Relaxed) < jobs || base.count("SELECT count(*) FROM jobs").await? > 0 {
        ensure!(begun.elapsed() < LIMIT, "{} of {jobs} jobs were handled", handled.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let rate = jobs as f64 / begun.elapsed().as_secs_f64();
    workers.drain(Duration::from_secs(5)).await;
    Ok(rate)
}

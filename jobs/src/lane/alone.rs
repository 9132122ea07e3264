//! The lane without a ledger, for measurements: what Redis, the list and apalis take of a job's time.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use apalis::{layers::WorkerBuilderExt, prelude::ParallelizeExt};
use apalis_core::{monitor::Monitor, worker::builder::WorkerBuilder};
use ids::{IdSource, JobId};
use tokio::sync::Notify;

use super::{Entry, KindLane, Lane, RedisLink, Taken};

const LIMIT: Duration = Duration::from_secs(120);
/// Ids that are pushed in one round trip.
const BATCH: usize = 10_000;

/// Pushes `jobs` ids to a list of their own, has an apalis worker drain it in slices of `slice`, `concurrency` at once, with a
/// handler that does nothing, and answers how long that took from the start of the worker to the last id.
///
/// # Errors
/// When Redis does not answer, or the list is not drained within two minutes.
pub async fn lane_alone(
    redis_url: &str,
    jobs: usize,
    slice: usize,
    concurrency: usize,
) -> anyhow::Result<Duration> {
    let link = RedisLink::new(redis::Client::open(redis_url).context("the URL of Redis cannot be read")?);
    let lane = Lane::new(link.clone(), "alone:");
    fill(&lane, jobs).await?;
    let (left, drained) = (Arc::new(AtomicUsize::new(jobs)), Arc::new(Notify::new()));
    let list = lane.key("alone", "nothing");
    let (left_too, drained_too) = (Arc::clone(&left), Arc::clone(&drained));
    let monitor = Monitor::new().register(move |_| {
        let backend = KindLane::new(link.clone(), list.clone(), slice, Duration::from_secs(1));
        let (left, drained) = (Arc::clone(&left_too), Arc::clone(&drained_too));
        WorkerBuilder::new("alone")
            .backend(backend)
            .concurrency(concurrency)
            .parallelize(tokio::spawn)
            .build(move |taken: Taken| handle(Arc::clone(&left), Arc::clone(&drained), taken))
    });
    let begun = Instant::now();
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let running = tokio::spawn(monitor.run_with_signal(async move {
        stopped.notified().await;
        Ok(())
    }));
    let in_time = tokio::time::timeout(LIMIT, drained.notified()).await.is_ok();
    let elapsed = begun.elapsed();
    stop.notify_one();
    running.await??;
    ensure!(in_time, "{} of {jobs} ids are left", left.load(Ordering::Relaxed));
    Ok(elapsed)
}

async fn fill(lane: &Lane, jobs: usize) -> anyhow::Result<()> {
    // When they were made is of no interest here.
    let (ids, now) = (IdSource::from_system()?, chrono::DateTime::UNIX_EPOCH);
    let entries: Vec<Entry> = (0..jobs).map(|_| Entry { id: ids.next::<JobId>(now), alone: false }).collect();
    for batch in entries.chunks(BATCH) {
        lane.put_back("alone", "nothing", batch).await?;
    }
    Ok(())
}

async fn handle(left: Arc<AtomicUsize>, drained: Arc<Notify>, taken: Taken) -> Result<(), Infallible> {
    let handled = taken.ids.len();
    if left.fetch_sub(handled, Ordering::Relaxed) == handled {
        drained.notify_one();
    }
    Ok(())
}

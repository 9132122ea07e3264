use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::Context;
use apalis::{layers::WorkerBuilderExt, prelude::ParallelizeExt};
use apalis_core::{
    monitor::{Monitor, MonitorError},
    worker::builder::WorkerBuilder,
};
use domain::{clock::Clock, db::Db};
use futures_util::FutureExt;
use ids::IdSource;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    JobMetrics, RedisWake, Registry, WorkersConfig,
    give_up::give_up,
    lane::{KindLane, Lane, RedisLink, Taken},
    loops::Loops,
    put_back::put_back,
    registry::{Facts, Task},
    run::Runner,
    sequencer::Sequence,
    watchdog,
};

/// Slices that wait in the lane for each that runs.
const AHEAD: usize = 4;
/// What is in the lane even of a kind whose jobs run one by one: other processes take from it, too.
const LEAST_WINDOW: i64 = 250;

/// The workers of a process, and the loops that feed them.
pub struct Workers {
    stop: CancellationToken,
    monitor: JoinHandle<Result<(), MonitorError>>,
    loops: Vec<JoinHandle<()>>,
    runner: Arc<Runner>,
    lane: Lane,
    wake: Arc<RedisWake>,
    lists: Vec<(&'static str, &'static str)>,
}

impl Workers {
    /// Starts to work. PostgreSQL must answer; Redis may come later.
    ///
    /// # Errors
    /// When the Redis URL cannot be read, PostgreSQL does not answer or the watchdog's thread cannot be started.
    pub async fn start(
        mut config: WorkersConfig,
        db: Db,
        clock: Clock,
        ids: IdSource,
        registry: Registry,
        sequence: Option<Sequence>,
    ) -> anyhow::Result<Self> {
        let client = redis::Client::open(config.redis_url.as_str()).context("REDIS_URL cannot be read")?;
        let link = RedisLink::new(client);
        let lane = Lane::new(link.clone(), &config.redis_prefix);
        let runner = Arc::new(Runner::new(db.clone(), clock, ids, config.lease, config.slots));
        let mut conn = db.get().await?;
        let now = runner.clock.now();
        if let Err(error) = queue::history::create_ahead(&mut conn, 1, now).await {
            tracing::warn!(%error, "the days of the job history could not be created; the hourly job tries again");
        }
        drop(conn);
        watchdog::start(&runner.running, config.watchdog_grace)?;
        let tasks = registry.tasks_of(&config.queues);
        let lists: Vec<_> =
            tasks.iter().map(|task| (task.facts().queue.as_str(), task.facts().kind)).collect();
        let hands = |facts: Facts| facts.slice.saturating_mul(facts.concurrency.min(config.concurrency));
        config.window = window(tasks.iter().map(|task| hands(task.facts())), config.window);
        let kinds = tasks.iter().map(|task| (task.facts().kind, task.facts().queue)).collect();
        let wake = RedisWake::with(link.clone(), &config.redis_prefix, Some(Arc::clone(&runner.signals)));
        let stop = runner.stop.clone();
        let monitor = monitor(&config, &link, &lane, &runner, tasks);
        let stopped = stop.clone().cancelled_owned().map(Ok);
        let schedules = registry.schedules().to_vec();
        let (lists_too, runner_too, lane_too) = (lists.clone(), Arc::clone(&runner), lane.clone());
        let loops = Loops {
            config,
            link,
            lane: lane_too,
            lists: lists_too,
            kinds,
            runner: runner_too,
            schedules,
            sequence,
        };
        Ok(Self {
            monitor: tokio::spawn(monitor.run_with_signal(stopped)),
            loops: loops.start(),
            wake: Arc::new(wake),
            stop,
            runner,
            lane,
            lists,
        })
    }

    /// Wakes this process and, through Redis, all others.
    pub fn wake(&self) -> Arc<dyn queue::Wake> {
        Arc::clone(&self.wake) as Arc<dyn queue::Wake>
    }

    /// The figures of this process.
    pub fn metrics(&self) -> JobMetrics {
        self.runner.metrics.clone()
    }

    /// How many jobs run in this process.
    pub fn running(&self) -> usize {
        self.runner.running.count()
    }

    /// The length of each kind's list in Redis, for the metrics; empty while Redis is away.
    pub async fn lane_lengths(&self) -> Vec<(&'static str, i64)> {
        let lengths = self.lane.lengths(&self.lists).await.unwrap_or_default();
        self.lists.iter().map(|(_, kind)| *kind).zip(lengths).collect()
    }

    /// Takes nothing new and waits for what runs, at most `within`; then stops. Answers whether all had ended: if not, the
    /// rest is stopped and handed back, ready at once and without blame. What does not even let itself be stopped is
    /// swept when its lease ends.
    pub async fn drain(mut self, within: Duration) -> bool {
        self.stop.cancel();
        let drained = tokio::time::timeout(within, &mut self.monitor).await.is_ok();
        if !drained {
            tracing::warn!(jobs = self.running(), "jobs still run when the time to drain is over");
            give_up(&self.runner).await;
        }
        drained
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.cancel();
        self.monitor.abort();
        for worker_loop in &self.loops {
            worker_loop.abort();
        }
    }
}

/// How many ids of a kind are worth having in the lane: some slices ahead of those that run. Each look of the dispatcher
/// counts them, so a long lane of a busy kind would make every job of all kinds late.
fn window(hands: impl Iterator<Item = usize>, most: i64) -> i64 {
    let busiest = hands.max().unwrap_or_default();
    i64::try_from(busiest.saturating_mul(AHEAD)).unwrap_or(i64::MAX).max(LEAST_WINDOW).min(most)
}

/// One apalis worker per kind, restarted should it ever end.
fn monitor(
    config: &WorkersConfig,
    link: &RedisLink,
    lane: &Lane,
    runner: &Arc<Runner>,
    tasks: Vec<Arc<dyn Task>>,
) -> Monitor {
    // A name that was used before might be taken for a worker that still lives.
    let process = runner.worker;
    let mut monitor = Monitor::new().should_restart(|worker, error| {
        tracing::error!(worker = worker.name(), %error, "a worker ended and is started again");
        true
    });
    for task in tasks {
        let (config, link, lane, runner) = (config.clone(), link.clone(), lane.clone(), Arc::clone(runner));
        monitor = monitor.register(move |restarts| {
            let facts = task.facts();
            let list = lane.key(facts.queue.as_str(), facts.kind);
            let backend = KindLane::new(link.clone(), list, facts.slice, config.pop_wait);
            let (task, lane, runner) = (Arc::clone(&task), lane.clone(), Arc::clone(&runner));
            WorkerBuilder::new(format!("{}@{process}-{restarts}", facts.kind))
                .backend(backend)
                .concurrency(config.concurrency.min(facts.concurrency))
                // Without it all tasks of a worker share one Tokio task, and a panic drops its neighbours.
                .parallelize(tokio::spawn)
                .build(move |taken: Taken| work(Arc::clone(&task), lane.clone(), Arc::clone(&runner), taken))
        });
    }
    monitor
}

/// One slice. Always well for apalis: what fails is settled in the ledger.
async fn work(task: Arc<dyn Task>, lane: Lane, runner: Arc<Runner>, taken: Taken) -> Result<(), Infallible> {
    match runner.run(&*task, &taken.ids, taken.mode).await {
        Ok(ran) if ran.missed.is_empty() => {}
        Ok(ran) => {
            tokio::spawn(put_back(lane, runner, task.facts(), ran.missed));
        }
        Err(error) => {
            tracing::warn!(job.kind = task.facts().kind, %error, "jobs could not be claimed");
            // They are dispatched again; without a pause the whole lane would be emptied into the same trouble.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_follows_the_busiest_kind_within_its_bounds() {
        for (hands, expected) in
            [(vec![], 250), (vec![4, 32], 250), (vec![4, 400], 1_600), (vec![2_000], 2_000)]
        {
            assert_eq!(window(hands.into_iter(), 2_000), expected);
        }
        assert_eq!(window([4].into_iter(), 10), 10);
        assert_eq!(window([usize::MAX].into_iter(), 2_000), 2_000);
    }
}

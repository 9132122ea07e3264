use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::QueryResult;
use domain::clock::Clock;
use queue::{Dispatched, Queue, Unclaimed};

use crate::{held_connection::HeldConnection, lane::Lane, signals::Signals};

/// How many scheduled rows of a queue become ready in one round.
const ROUND: i64 = 1000;

/// The least time between two looks: a burst of wake-ups is one look.
const BREATH: Duration = Duration::from_millis(1);

/// Moves due jobs from the ledger to the lane. There is no leader: every worker process has one, for its own queues.
pub(crate) struct Dispatcher {
    pub connection: HeldConnection,
    pub lane: Lane,
    pub clock: Clock,
    pub signals: Arc<Signals>,
    pub queues: Vec<Queue>,
    /// Queues and kinds that this process has handlers for.
    pub lists: Vec<(&'static str, &'static str)>,
    pub window: i64,
    pub every: Duration,
    pub lost_after: Duration,
}

impl Dispatcher {
    /// Dispatches whenever it is woken, and every so often. Never ends.
    pub(crate) async fn run(mut self) {
        let mut searched = Instant::now();
        let mut promoted = None;
        loop {
            let mut moved = self.round(&mut promoted).await;
            if moved.is_ok() && searched.elapsed() >= self.lost_after / 2 {
                searched = Instant::now();
                moved = self.find_lost().await;
            }
            match moved {
                Ok(0) => {}
                // There may be more.
                Ok(_) => {
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
                Err(error) => {
                    tracing::warn!(%error, "jobs could not be dispatched");
                    self.connection.release();
                    tokio::time::sleep(self.every * 5).await;
                }
            }
            tokio::time::sleep(BREATH).await;
            let _ = tokio::time::timeout(self.every, self.signals.dispatch.notified()).await;
        }
    }

    /// Dispatches once; answers how many rows were moved. What is scheduled comes due by itself, not by a wake-up: it is
    /// looked for twice in an interval, and not at every turn of a busy loop.
    async fn round(&mut self, promoted: &mut Option<Instant>) -> QueryResult<usize> {
        let now = self.clock.now();
        let conn = self.connection.get().await?;
        let mut moved = 0;
        if promoted.is_none_or(|at| at.elapsed() >= self.every / 2) {
            moved = queue::promote_due(conn, &self.queues, ROUND, now).await?;
            *promoted = (moved == 0).then(Instant::now);
        }
        let jobs = queue::dispatch(conn, &self.lists, self.window, now).await?;
        self.push(&jobs).await;
        Ok(moved + jobs.len())
    }

    /// Dispatches again what neither is in the lane nor was claimed: Redis was emptied, or a worker died between the pop
    /// and the claim. A lane that is as long as its unclaimed rows is left alone, or a slow queue's lane would fill up with
    /// copies.
    async fn find_lost(&mut self) -> QueryResult<usize> {
        let now = self.clock.now();
        let since = now - self.lost_after;
        let conn = self.connection.get().await?;
        let unclaimed = queue::unclaimed(conn, &self.lists, since).await?;
        let lists: Vec<(&str, &str)> =
            unclaimed.iter().map(|list| (list.queue.as_str(), list.kind.as_str())).collect();
        let Ok(lengths) = self.lane.lengths(&lists).await else { return Ok(0) };
        let short: Vec<&Unclaimed> = unclaimed
            .iter()
            .zip(lengths)
            .filter_map(|(list, length)| (length < list.rows).then_some(list))
            .collect();
        let mut again = 0;
        for list in short {
            let conn = self.connection.get().await?;
            let jobs = queue::dispatch_again(conn, list, since, self.window, now).await?;
            tracing::info!(job.kind = list.kind, jobs = jobs.len(), "lost ids are dispatched again");
            self.push(&jobs).await;
            again += jobs.len();
        }
        Ok(again)
    }

    /// Pushes, best effort: what Redis does not take is missed and dispatched again when Redis is back.
    async fn push(&self, jobs: &[Dispatched]) {
        if let Err(error) = self.lane.push(jobs).await {
            tracing::warn!(%error, jobs = jobs.len(), "Redis does not take ids");
        }
    }
}

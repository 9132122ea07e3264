//! The one path that every job takes: claim, act and finish in one transaction, or fail. The lane and the inline runner of
//! tests both come through here.

mod act;
mod attempt;
mod call;
mod gate;
mod slice;

use std::{sync::Arc, time::Duration};

use diesel::QueryResult;
use domain::{clock::Clock, db::Db};
use ids::{IdSource, JobId, WorkerId};
use queue::{Claim, Mode};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub(crate) use act::ActTask;
pub(crate) use call::CallTask;
use gate::Gate;
pub(crate) use slice::Slice;

use crate::{metrics::JobMetrics, registry::Task, running::Running, signals::Signals};

/// What running a job needs.
#[derive(Clone)]
pub(crate) struct Runner {
    pub db: Db,
    pub clock: Clock,
    pub ids: IdSource,
    pub lease: Duration,
    /// This process.
    pub worker: WorkerId,
    pub running: Arc<Running>,
    /// Slices of all kinds that run at once: as many as there are connections for.
    pub slots: Arc<Semaphore>,
    /// Keeps what runs alone apart from all else.
    pub gate: Gate,
    /// The process ends: nothing is claimed any more, and no new call begins.
    pub stop: CancellationToken,
    /// The time to drain is over: what runs is dropped.
    pub give_up: CancellationToken,
    pub metrics: JobMetrics,
    pub signals: Arc<Signals>,
}

/// What became of the ids of a slice.
pub(crate) struct Ran {
    /// How many were claimed, and so have ended or failed by now.
    pub claimed: usize,
    /// Those that were not: somebody else's, gone, or held by an enqueuer.
    pub missed: Vec<JobId>,
}

impl Runner {
    /// A runner for one process.
    pub(crate) fn new(db: Db, clock: Clock, ids: IdSource, lease: Duration, slots: usize) -> Self {
        Self {
            worker: ids.next(clock.now()),
            db,
            clock,
            ids,
            lease,
            running: Arc::default(),
            slots: Arc::new(Semaphore::new(slots)),
            gate: Gate::default(),
            stop: CancellationToken::new(),
            give_up: CancellationToken::new(),
            metrics: JobMetrics::default(),
            signals: Arc::default(),
        }
    }

    /// Claims those of `ids` that can be had and runs them to their ends.
    ///
    /// # Errors
    /// Those of the claim; from then on every failure belongs to a job.
    pub(crate) async fn run(&self, task: &dyn Task, ids: &[JobId], mode: Mode) -> QueryResult<Ran> {
        // The slots are never closed, so there is always a permit to be had.
        match mode {
            Mode::Shared => {
                let _slot = self.slots.acquire().await;
                let _company = self.gate.beside_others().await;
                self.unless_given_up(task, ids, mode).await
            }
            Mode::Alone => {
                let turn = self.gate.turn().await;
                let _slot = self.slots.acquire().await;
                let _alone = turn.enter().await;
                self.unless_given_up(task, ids, mode).await
            }
        }
    }

    /// Claims and runs; drops it all, even in mid work, when the time to drain is over.
    async fn unless_given_up(&self, task: &dyn Task, ids: &[JobId], mode: Mode) -> QueryResult<Ran> {
        // What was taken from the lane and is not claimed is missed there and dispatched again.
        let nothing = Ran { claimed: 0, missed: Vec::new() };
        if self.stop.is_cancelled() {
            return Ok(nothing);
        }
        let run = self.claim_and_run(task, ids, mode);
        self.give_up.run_until_cancelled(run).await.unwrap_or(Ok(nothing))
    }

    async fn claim_and_run(&self, task: &dyn Task, ids: &[JobId], mode: Mode) -> QueryResult<Ran> {
        let facts = task.facts();
        let now = self.clock.now();
        let token = self.ids.next(now);
        let rows = {
            let mut conn = self.db.get().await?;
            let (kind, serial, lease, worker) = (facts.kind, facts.serial, self.lease, self.worker);
            queue::claim(&mut conn, Claim { kind, ids, mode, serial, token, lease, worker }, now).await?
        };
        let held: Vec<JobId> = rows.iter().map(|row| row.id).collect();
        let missed = ids.iter().filter(|id| !held.contains(id)).copied().collect();
        let claimed = held.len();
        if !rows.is_empty() {
            self.metrics.claimed(now);
            let keys =
                rows.iter().filter_map(|row| row.unique_key.clone()).filter(|_| facts.serial).collect();
            let slot = self.running.enter(facts.kind, token, held, facts.max_run);
            task.run(Slice { runner: self, facts, rows, token, slot: &slot }).await;
            self.send_on(facts.kind, keys).await;
            self.signals.committed();
        }
        Ok(Ran { claimed, missed })
    }

    /// What waited for runs of a serial kind goes on. If it cannot be told now, the dispatcher misses it soon.
    async fn send_on(&self, kind: &'static str, keys: Vec<String>) {
        if keys.is_empty() {
            return;
        }
        let sent = async {
            let mut conn = self.db.get().await?;
            queue::send_on_twins(&mut conn, kind, &keys).await
        };
        if let Err(error) = sent.await {
            tracing::debug!(job.kind = kind, %error, "waiting twins were not sent on");
        }
    }
}

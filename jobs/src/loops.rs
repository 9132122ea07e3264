use std::{collections::BTreeMap, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use queue::{Queue, Schedule};
use tokio::task::JoinHandle;

use crate::{
    WorkersConfig, beats,
    dispatcher::Dispatcher,
    held_connection::HeldConnection,
    lane::{Lane, RedisLink},
    leases,
    run::Runner,
    schedule,
    sequencer::{self, Sequence},
    sweeper, wake,
};

/// What the loops of a worker process need.
#[derive(Clone)]
pub(crate) struct Loops {
    pub config: WorkersConfig,
    pub link: RedisLink,
    pub lane: Lane,
    /// Queues and kinds that this process works for.
    pub lists: Vec<(&'static str, &'static str)>,
    /// The queue of each kind.
    pub kinds: BTreeMap<&'static str, Queue>,
    pub runner: Arc<Runner>,
    pub schedules: Vec<Schedule>,
    pub sequence: Option<Sequence>,
}

impl Loops {
    /// Starts them all; each is aborted with its handle.
    pub(crate) fn start(self) -> Vec<JoinHandle<()>> {
        let mut started = vec![
            self.keep("dispatcher", |loops| loops.dispatcher().run()),
            self.keep("wake", |loops| {
                let Self { link, config, runner, .. } = loops;
                wake::listen(link, config.redis_prefix, Arc::clone(&runner.signals))
            }),
            self.keep("feed", |loops| {
                let Self { link, config, runner, .. } = loops;
                wake::tell_of_events(link, config.redis_prefix, Arc::clone(&runner.signals))
            }),
            self.keep("leases", |Self { runner, config, .. }| {
                leases::keep(
                    runner.db.clone(),
                    runner.clock.clone(),
                    Arc::clone(&runner.running),
                    config.lease,
                )
            }),
            self.keep("sweeper", |Self { runner, config, .. }| {
                let signals = Arc::clone(&runner.signals);
                let (db, clock) = (runner.db.clone(), runner.clock.clone());
                sweeper::sweep(db, clock, signals, config.sweep_every, config.lease)
            }),
            self.keep("beats", |loops| beats::tell(loops.runner, loops.config.queues, loops.kinds)),
            self.keep("schedules", |loops| {
                schedule::fire(loops.runner, loops.schedules, loops.config.schedule_every)
            }),
        ];
        if let Some(sequence) = self.sequence {
            let run = move |loops: Self| sequencer::run(sequence, loops.runner, loops.config.sequence_every);
            started.push(self.keep("sequencer", run));
        }
        started
    }

    fn dispatcher(self) -> Dispatcher {
        Dispatcher {
            connection: HeldConnection::new(self.runner.db.clone()),
            lane: self.lane,
            clock: self.runner.clock.clone(),
            signals: Arc::clone(&self.runner.signals),
            queues: self.config.queues,
            lists: self.lists,
            window: self.config.window,
            every: self.config.dispatch_every,
            lost_after: self.config.lost_after,
        }
    }

    /// Runs a loop, and runs it again should it panic: the process must not go on half alive.
    fn keep<F>(&self, name: &'static str, start: impl Fn(Self) -> F + Send + 'static) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send,
    {
        let loops = self.clone();
        tokio::spawn(async move {
            while AssertUnwindSafe(start(loops.clone())).catch_unwind().await.is_err() {
                tracing::error!(name, "a loop panicked and is started again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        })
    }
}

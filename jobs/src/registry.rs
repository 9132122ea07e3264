use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use queue::{Job, Queue, Retry, Schedule};

use crate::{
    handler::{Act, Call},
    run::{ActTask, CallTask, Slice},
};

/// What a worker process can do: the handler of each kind, and the schedules. The runtime knows no concept; whoever starts
/// it fills this in.
#[derive(Clone, Default)]
pub struct Registry {
    tasks: BTreeMap<&'static str, Arc<dyn Task>>,
    schedules: Vec<Schedule>,
}

/// A handler without its types.
pub(crate) trait Task: Send + Sync {
    fn facts(&self) -> Facts;

    /// Runs claimed jobs to their ends. Never fails: every failure is the end of some job.
    fn run<'a>(&'a self, slice: Slice<'a>) -> BoxFuture<'a, ()>;
}

/// What is known of a kind without its types.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub kind: &'static str,
    pub queue: Queue,
    pub retry: Retry,
    pub max_run: Duration,
    pub slice: usize,
    pub concurrency: usize,
    pub serial: bool,
}

impl Facts {
    pub(crate) fn of<J: Job>() -> Self {
        Self {
            kind: J::KIND,
            queue: J::QUEUE,
            retry: J::RETRY,
            max_run: J::MAX_RUN,
            slice: J::SLICE.max(1),
            concurrency: J::CONCURRENCY.max(1),
            serial: J::SERIAL,
        }
    }
}

impl Registry {
    /// Adds the handler of a kind whose work lies in the database. The last one added for a kind counts.
    pub fn act(mut self, handler: impl Act) -> Self {
        self.add(ActTask(handler));
        self
    }

    /// Adds the handler of a kind whose work lies outside.
    pub fn call(mut self, handler: impl Call) -> Self {
        self.add(CallTask(handler));
        self
    }

    /// Adds something that is due again and again.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    fn add(&mut self, task: impl Task + 'static) {
        self.tasks.insert(task.facts().kind, Arc::new(task));
    }

    /// The kinds that have a handler, sorted.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.tasks.keys().copied().collect()
    }

    /// The schedules.
    pub fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }

    pub(crate) fn task(&self, kind: &str) -> Option<&Arc<dyn Task>> {
        self.tasks.get(kind)
    }

    pub(crate) fn tasks_of(&self, queues: &[Queue]) -> Vec<Arc<dyn Task>> {
        self.tasks.values().filter(|task| queues.contains(&task.facts().queue)).cloned().collect()
    }
}

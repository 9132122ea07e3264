use std::{
    collections::VecDeque,
    convert::Infallible,
    task::{Context, Poll, ready},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{Task, builder::TaskBuilder},
    worker::context::WorkerContext,
};
use futures_util::{FutureExt, future::BoxFuture};
use ids::JobId;
use queue::Mode;
use redis::{RedisResult, aio::MultiplexedConnection};
use tower::layer::util::Identity;

use super::{Entry, RedisLink};

/// What apalis hands to a handler: ids of one kind that run together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub ids: Vec<JobId>,
    pub mode: Mode,
}

/// The apalis backend of one kind: takes slices from its list with a blocking pop, on a connection of its own.
///
/// It never returns an error, which would end the worker: while Redis is away it backs off and connects again. It is asked
/// for a task only when the worker has room for one, so that no id waits in this process while another could run it.
pub(crate) struct KindLane {
    popper: Option<Popper>,
    popping: Option<BoxFuture<'static, (Popper, VecDeque<Taken>)>>,
    taken: VecDeque<Taken>,
}

impl KindLane {
    pub(crate) fn new(link: RedisLink, list: String, slice: usize, wait: Duration) -> Self {
        let popper = Popper { link, list, slice, wait, conn: None };
        Self { popper: Some(popper), popping: None, taken: VecDeque::new() }
    }
}

impl Backend for KindLane {
    type Task = Task<Taken>;
    type Error = Infallible;

    fn poll_ready(&mut self, _cx: &mut Context<'_>, _worker: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        loop {
            if let Some(taken) = self.taken.pop_front() {
                return Poll::Ready(Some(Ok(TaskBuilder::new(taken).build())));
            }
            if let Some(popper) = self.popper.take() {
                self.popping = Some(popper.pop().boxed());
            }
            let Some(popping) = &mut self.popping else { return Poll::Ready(None) };
            let (popper, taken) = ready!(popping.poll_unpin(cx));
            (self.popper, self.popping, self.taken) = (Some(popper), None, taken);
        }
    }

    /// Ids that were popped and are not handed out go with it: they are dispatched again when they are missed.
    fn poll_close(&mut self, _cx: &mut Context<'_>, _worker: &WorkerContext) -> Poll<Result<(), Infallible>> {
        (self.popping, self.popper) = (None, None);
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for KindLane {
    type Args = Taken;
    type Id = JobId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _worker: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}

/// Pops one list.
struct Popper {
    link: RedisLink,
    list: String,
    slice: usize,
    wait: Duration,
    conn: Option<MultiplexedConnection>,
}

impl Popper {
    /// Waits until there are ids, however long it takes and whatever becomes of Redis.
    async fn pop(mut self) -> (Self, VecDeque<Taken>) {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.try_pop().await {
                Ok(entries) => {
                    pause = Duration::from_millis(50);
                    let taken = in_slices(&entries);
                    if !taken.is_empty() {
                        return (self, taken);
                    }
                }
                Err(error) => {
                    self.conn = None;
                    tracing::debug!(list = self.list, %error, "Redis does not answer");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
            }
        }
    }

    async fn try_pop(&mut self) -> RedisResult<Vec<String>> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.link.blocking(self.wait).await?,
        };
        let mut pop = redis::cmd("BLMPOP");
        pop.arg(self.wait.as_secs_f64()).arg(1).arg(&self.list).arg("LEFT").arg("COUNT").arg(self.slice);
        let popped: Option<(String, Vec<String>)> = pop.query_async(&mut conn).await?;
        self.conn = Some(conn);
        Ok(popped.map(|(_, entries)| entries).unwrap_or_default())
    }
}

/// One slice of what runs beside others, and one for each job that runs alone.
fn in_slices(entries: &[String]) -> VecDeque<Taken> {
    let entries = entries.iter().filter_map(|entry| entry.parse::<Entry>().ok());
    let (alone, shared): (Vec<Entry>, Vec<Entry>) = entries.partition(|entry| entry.alone);
    let ids: Vec<JobId> = shared.iter().map(|entry| entry.id).collect();
    let together = (!ids.is_empty()).then_some(Taken { ids, mode: Mode::Shared });
    let each_alone = alone.iter().map(|entry| Taken { ids: vec![entry.id], mode: Mode::Alone });
    together.into_iter().chain(each_alone).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use ids::IdSource;

    use super::*;

    #[test]
    fn what_must_run_alone_is_a_slice_of_its_own_and_rubbish_is_dropped() {
        let ids = IdSource::seeded(1);
        let [one, two, three]: [JobId; 3] = std::array::from_fn(|_| ids.next(DateTime::UNIX_EPOCH));
        let entries = [format!("{one}"), "rubbish".to_owned(), format!("{two}!"), format!("{three}")];
        let slices: Vec<Taken> = in_slices(&entries).into();
        let together = Taken { ids: vec![one, three], mode: Mode::Shared };
        assert_eq!(slices, [together, Taken { ids: vec![two], mode: Mode::Alone }]);
        assert!(in_slices(&["rubbish".to_owned()]).is_empty());
    }
}

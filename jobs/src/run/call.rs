use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use futures_util::{FutureExt, future::BoxFuture};
use queue::ClaimedRow;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    Slice,
    attempt::{Effect, RunError},
};
use crate::{
    handler::{Call, Claimed, Failure},
    progress::{End, Progress},
    registry::{Facts, Task},
};

/// How many ends are recorded in one transaction, if so many have come.
const GROUP: usize = 16;

/// A handler of work outside of the database.
pub(crate) struct CallTask<H>(pub H);

/// Records what the calls of these jobs found out; an item is a job's place and its outcome.
struct Recording<'a, H: Call> {
    handler: &'a H,
    jobs: &'a [Claimed<H::Job>],
}

impl<H: Call> Effect for Recording<'_, H> {
    type Item = (usize, H::Outcome);
    /// The call was made and must not be repeated because PostgreSQL was away for a moment.
    const TRIES: u32 = 6;

    async fn apply(
        &self,
        conn: &mut AsyncPgConnection,
        items: &[Self::Item],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let ends: Vec<_> =
            items.iter().filter_map(|(place, outcome)| Some((self.jobs.get(*place)?, outcome))).collect();
        self.handler.record(conn, &ends, now).await
    }
}

impl<H: Call> Task for CallTask<H> {
    fn facts(&self) -> Facts {
        Facts::of::<H::Job>()
    }

    fn run<'a>(&'a self, mut slice: Slice<'a>) -> BoxFuture<'a, ()> {
        async move {
            let jobs = slice.decode::<H::Job>().await;
            let rows = std::mem::take(&mut slice.rows);
            let (result, ended) = self.call(&slice, &rows, &jobs).await;
            let open: Vec<usize> = (0..rows.len()).filter(|place| !ended.contains(place)).collect();
            match result {
                Ok(()) => {
                    for place in open {
                        slice.fail(&rows[place], no_answer()).await;
                    }
                }
                // A panic or a hang of the whole slice: what is left one by one, so that it has one culprit.
                Err(error) if rows.len() > 1 => {
                    let panicked = matches!(error, RunError::Panicked(_));
                    let kind = slice.facts.kind;
                    tracing::warn!(job.kind = kind, panicked, jobs = open.len(), "calls are made one by one");
                    for place in open {
                        self.call_one(&slice, &rows[place], &jobs[place]).await;
                    }
                }
                Err(error) => {
                    if let Some(place) = open.first() {
                        slice.fail(&rows[*place], error).await;
                    }
                }
            }
        }
        .boxed()
    }
}

impl<H: Call> CallTask<H> {
    /// Makes the calls, and records each as it ends. Answers how the handler ended, and the places whose ends are settled.
    async fn call(
        &self,
        slice: &Slice<'_>,
        rows: &[ClaimedRow],
        jobs: &[Claimed<H::Job>],
    ) -> (Result<(), RunError>, HashSet<usize>) {
        let (sender, ends) = unbounded_channel();
        let progress = Progress::new(slice.runner.stop.clone(), sender);
        let calling = async move {
            let call = async {
                self.0.call(jobs, &progress).await;
                Ok(())
            };
            // The recording ends with `progress`, when there is no more to come.
            slice.attempt(rows, call).await
        };
        tokio::join!(calling, self.record(slice, rows, jobs, ends))
    }

    async fn call_one(&self, slice: &Slice<'_>, row: &ClaimedRow, job: &Claimed<H::Job>) {
        // Nothing new begins while the process ends.
        if slice.runner.stop.is_cancelled() {
            return slice.fail(row, Failure::NotBegun.into()).await;
        }
        let (result, ended) = self.call(slice, std::slice::from_ref(row), std::slice::from_ref(job)).await;
        if ended.is_empty() {
            slice.fail(row, result.err().unwrap_or_else(no_answer)).await;
        }
    }

    /// Records the outcomes of the calls that were made, and fails the others, until there is no more to come.
    async fn record(
        &self,
        slice: &Slice<'_>,
        rows: &[ClaimedRow],
        jobs: &[Claimed<H::Job>],
        mut ends: UnboundedReceiver<End<H::Outcome>>,
    ) -> HashSet<usize> {
        let recording = Recording { handler: &self.0, jobs };
        let (mut ended, mut group) = (HashSet::new(), Vec::new());
        while ends.recv_many(&mut group, GROUP).await > 0 {
            let (mut made_rows, mut made, mut failed) = (Vec::new(), Vec::new(), Vec::new());
            for (place, end) in group.drain(..) {
                let Some(row) = rows.get(place).filter(|_| ended.insert(place)) else { continue };
                match end {
                    Ok(outcome) => {
                        made_rows.push(row.clone());
                        made.push((place, outcome));
                    }
                    Err(failure) => failed.push((row, failure)),
                }
            }
            slice.end(&recording, &made_rows, &made).await;
            for (row, failure) in failed {
                slice.fail(row, RunError::Failed(failure)).await;
            }
        }
        ended
    }
}

fn no_answer() -> RunError {
    Failure::Retry("the handler answered nothing".to_owned()).into()
}

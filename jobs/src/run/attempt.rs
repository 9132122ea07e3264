use std::{
    any::Any,
    future::Future,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::FutureExt;
use queue::{ClaimedRow, Settled, Verdict};
use tracing::Instrument;

use super::{Slice, slice::ids_of};
use crate::handler::Failure;

/// How a run came to no end.
pub(crate) enum RunError {
    /// The handler said so.
    Failed(Failure),
    /// Another worker owns the job by now.
    Lost,
    /// The handler panicked.
    Panicked(String),
    /// The handler was stopped when its time was over.
    TooLong,
}

impl From<diesel::result::Error> for RunError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for RunError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What is written in the transaction that ends jobs.
pub(crate) trait Effect: Sync {
    /// What there is of each job.
    type Item: Sync;
    /// How often a single job's effect is tried before it counts as failed.
    const TRIES: u32;

    /// Writes the effects of these jobs.
    fn apply(
        &self,
        conn: &mut AsyncPgConnection,
        items: &[Self::Item],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

impl Slice<'_> {
    /// Ends all jobs with their effects: together, or if that fails one by one, so that only the culprit fails. `rows` and
    /// `items` go together.
    pub(crate) async fn end<E: Effect>(&self, effect: &E, rows: &[ClaimedRow], items: &[E::Item]) {
        if rows.len() > 1 {
            match self.attempt(rows, self.transact(effect, rows, items)).await {
                Ok(end) => return self.ended(rows, end),
                Err(_) => {
                    tracing::debug!(job.kind = self.facts.kind, jobs = rows.len(), "a slice runs one by one")
                }
            }
        }
        for (row, item) in rows.iter().zip(items) {
            self.end_one(effect, row, item).await;
        }
    }

    async fn end_one<E: Effect>(&self, effect: &E, row: &ClaimedRow, item: &E::Item) {
        let (rows, items) = (std::slice::from_ref(row), std::slice::from_ref(item));
        let mut tries = 1;
        loop {
            match self.attempt(rows, self.transact(effect, rows, items)).await {
                Ok(end) => return self.ended(rows, end),
                Err(RunError::Failed(Failure::Retry(_))) if tries < E::TRIES => {
                    tokio::time::sleep(Duration::from_millis(250) * tries * tries).await;
                    tries += 1;
                }
                Err(error) => return self.fail(row, error).await,
            }
        }
    }

    /// Counts them as what they are, now that it is committed.
    fn ended(&self, rows: &[ClaimedRow], end: End) {
        self.slot.ended(&ids_of(rows));
        let state = match end {
            End::Done => "done",
            End::Dead => "dead",
        };
        self.runner.metrics.ended(self.facts.kind, state, rows.len());
    }

    /// The one transaction: effects, and the end of the jobs, fenced.
    async fn transact<E: Effect>(
        &self,
        effect: &E,
        rows: &[ClaimedRow],
        items: &[E::Item],
    ) -> Result<End, RunError> {
        let ids = ids_of(rows);
        let mut conn = self.runner.db.get().await.map_err(Failure::from)?;
        let now = self.runner.clock.now();
        conn.transaction(async |conn| {
            match effect.apply(conn, items, now).await {
                Err(Failure::Stop(error)) if rows.len() == 1 => return self.bury(conn, rows, &error).await,
                applied => applied?,
            }
            match queue::finish(conn, &ids, self.token, self.runner.clock.now()).await? {
                true => Ok(End::Done),
                false => Err(RunError::Lost),
            }
        })
        .await
    }

    /// Ends the one job as dead in the transaction of what it wrote.
    async fn bury(
        &self,
        conn: &mut AsyncPgConnection,
        rows: &[ClaimedRow],
        error: &str,
    ) -> Result<End, RunError> {
        for row in rows {
            tracing::warn!(job.id = %row.id, job.kind = self.facts.kind, error, "a job stops");
            let now = self.runner.clock.now();
            if let Settled::Lost = queue::fail(conn, row, self.token, Verdict::Abort, error, now).await? {
                return Err(RunError::Lost);
            }
        }
        Ok(End::Dead)
    }

    /// Lets a handler work: under the eyes of the watchdog, stopped when its time is over, its panic caught.
    pub(crate) async fn attempt<T>(
        &self,
        rows: &[ClaimedRow],
        work: impl Future<Output = Result<T, RunError>>,
    ) -> Result<T, RunError> {
        let span = span(self.facts.kind, rows);
        let began = Instant::now();
        let at_work = self.slot.starts();
        let guarded = AssertUnwindSafe(work).catch_unwind().instrument(span);
        let result = tokio::time::timeout(self.facts.max_run, guarded).await;
        drop(at_work);
        self.runner.metrics.took(self.facts.kind, began.elapsed());
        match result {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(RunError::Panicked(text_of(&*panic))),
            Err(_) => Err(RunError::TooLong),
        }
    }
}

/// How jobs ended in the transaction of their effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    /// What they wrote says why they stop.
    Dead,
}

fn span(kind: &'static str, rows: &[ClaimedRow]) -> tracing::Span {
    let first = rows.first();
    tracing::info_span!(
        "job",
        job.kind = kind,
        job.id = first.map(|row| tracing::field::display(row.id)),
        attempt = first.map(|row| row.attempt),
        jobs = rows.len(),
        trace = first.and_then(|row| row.trace.as_deref()),
        request_id = first.and_then(|row| row.request_id.as_deref()),
    )
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}

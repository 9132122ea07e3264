use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use futures_util::{FutureExt, future::BoxFuture};
use queue::ClaimedRow;

use super::{
    Slice,
    attempt::{Effect, RunError},
};
use crate::{
    handler::{Call, Claimed, Failure},
    registry::{Facts, Task},
};

/// A handler of work outside of the database.
pub(crate) struct CallTask<H>(pub H);

/// A call that was made, to be recorded.
pub(crate) struct Made<H: Call> {
    job: Claimed<H::Job>,
    outcome: H::Outcome,
}

impl<H: Call> Effect for CallTask<H> {
    type Item = Made<H>;
    /// The call was made and must not be repeated because PostgreSQL was away for a moment.
    const TRIES: u32 = 6;

    async fn apply(
        &self,
        conn: &mut AsyncPgConnection,
        items: &[Self::Item],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for made in items {
            self.0.record(conn, &made.job, &made.outcome, now).await?;
        }
        Ok(())
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
            match self.call(&slice, &rows, &jobs).await {
                Ok(results) => self.end(&slice, rows, jobs, results).await,
                // A panic or a hang of the whole slice: one by one, so that it has one culprit.
                Err(error) if rows.len() > 1 => {
                    let error = matches!(error, RunError::Panicked(_));
                    tracing::warn!(
                        job.kind = slice.facts.kind,
                        panicked = error,
                        "calls are made one by one"
                    );
                    for (row, job) in rows.into_iter().zip(jobs) {
                        self.call_one(&slice, row, job).await;
                    }
                }
                Err(error) => {
                    if let Some(row) = rows.first() {
                        slice.fail(row, error).await;
                    }
                }
            }
        }
        .boxed()
    }
}

impl<H: Call> CallTask<H> {
    async fn call(
        &self,
        slice: &Slice<'_>,
        rows: &[ClaimedRow],
        jobs: &[Claimed<H::Job>],
    ) -> Result<Vec<Result<H::Outcome, Failure>>, RunError> {
        slice.attempt(rows, async { Ok(self.0.call(jobs).await) }).await
    }

    async fn call_one(&self, slice: &Slice<'_>, row: ClaimedRow, job: Claimed<H::Job>) {
        match self.call(slice, std::slice::from_ref(&row), std::slice::from_ref(&job)).await {
            Ok(results) => self.end(slice, vec![row], vec![job], results).await,
            Err(error) => slice.fail(&row, error).await,
        }
    }

    /// Records the outcomes of the calls that were made, and fails the others.
    async fn end(
        &self,
        slice: &Slice<'_>,
        rows: Vec<ClaimedRow>,
        jobs: Vec<Claimed<H::Job>>,
        results: Vec<Result<H::Outcome, Failure>>,
    ) {
        let mut results = results.into_iter();
        let (mut made_rows, mut made) = (Vec::new(), Vec::new());
        for (row, job) in rows.into_iter().zip(jobs) {
            match results.next() {
                Some(Ok(outcome)) => {
                    made_rows.push(row);
                    made.push(Made { job, outcome });
                }
                Some(Err(failure)) => slice.fail(&row, RunError::Failed(failure)).await,
                None => {
                    slice.fail(&row, Failure::Retry("the handler answered nothing".to_owned()).into()).await
                }
            }
        }
        slice.end(self, &made_rows, &made).await;
    }
}

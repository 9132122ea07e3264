use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::JobId;
use queue::{NewJob, Queue, find::JobFilter};
use serde::Serialize;

use super::{JobScope, Operation, OperationKind, RetryDeadJobs, retry::revive};
use crate::{act::Act, audit};

/// How many jobs are retried in one transaction.
pub const RETRY_BATCH: usize = 100;

/// Counting what is left stops here.
const COUNTED_AT_MOST: i64 = 10_000;

/// What became of a call to retry many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retried {
    /// How many run again.
    pub jobs: usize,
    /// The operation that does the rest, if there may be more.
    pub operation: Option<Operation>,
}

/// What one batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// How many run again.
    pub jobs: usize,
    /// The job that goes on, if there may be more.
    pub goes_on_as: Option<JobId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Noted<'a> {
    queue: Option<&'a str>,
    kind: Option<&'a str>,
    retried: usize,
    operation: Option<String>,
}

/// Retries the dead jobs that pass the filter: the newest hundred at once, and the rest as an operation. Nothing is retried
/// twice that dies again meanwhile.
///
/// # Errors
/// The database's.
pub async fn retry_dead(
    conn: &mut AsyncPgConnection,
    scope: JobScope,
    filter: &JobFilter,
    act: &Act,
) -> diesel::QueryResult<Retried> {
    let account_id = match scope {
        JobScope::Nothing => return Ok(Retried { jobs: 0, operation: None }),
        JobScope::Instance => filter.account,
        JobScope::Account(account_id) => Some(account_id),
    };
    let work = RetryDeadJobs {
        operation_id: act.ids.next(act.now),
        account_id,
        queue: filter.queue,
        kind: filter.kind.clone(),
        error_like: filter.error_like.clone(),
        passes_over_internal_errors: filter.passes_over_internal_errors,
        ended_by: act.now,
        after: None,
    };
    conn.transaction(async |conn| {
        let Batch { jobs, goes_on_as } = batch(conn, &work, act).await?;
        let operation = match goes_on_as {
            Some(job_id) => Some(begin(conn, scope, &work, (jobs, job_id), act).await?),
            None => None,
        };
        let noted = Noted {
            queue: work.queue.map(Queue::as_str),
            kind: work.kind.as_deref(),
            retried: jobs,
            operation: operation.as_ref().map(|operation| operation.id.to_string()),
        };
        audit::record_for(conn, act, scope.account(), "jobsRetry", "jobs", (None, Some(&noted))).await?;
        Ok(Retried { jobs, operation })
    })
    .await
}

/// Writes the operation down, behind its first batch.
async fn begin(
    conn: &mut AsyncPgConnection,
    scope: JobScope,
    work: &RetryDeadJobs,
    (jobs, job_id): (usize, JobId),
    act: &Act,
) -> diesel::QueryResult<Operation> {
    let (left, total_capped) = queue::find::count(conn, &work.filter(), COUNTED_AT_MOST).await?;
    let done = i64::try_from(jobs).unwrap_or(i64::MAX);
    let operation = Operation {
        id: work.operation_id,
        account_id: scope.account(),
        kind: OperationKind::JobsRetry,
        reason: None,
        job_id,
        total: done.saturating_add(left),
        total_capped,
        done,
        started_by: act.actor.to_string(),
        started_at: act.now,
        updated_at: act.now,
        finished_at: None,
    };
    operation.begin(conn).await?;
    Ok(operation)
}

/// Retries one more batch of an operation in the caller's transaction, and enqueues the job that goes on if there may be
/// more.
///
/// # Errors
/// The database's.
pub async fn retry_dead_batch(
    conn: &mut AsyncPgConnection,
    work: &RetryDeadJobs,
    act: &Act,
) -> diesel::QueryResult<Batch> {
    let done = batch(conn, work, act).await?;
    Operation::advance(conn, work.operation_id, done.jobs, done.goes_on_as, act.now).await?;
    Ok(done)
}

async fn batch(conn: &mut AsyncPgConnection, work: &RetryDeadJobs, act: &Act) -> diesel::QueryResult<Batch> {
    let page = queue::find::list(conn, &work.filter(), work.after, RETRY_BATCH).await?;
    // In the order in which enqueuers take the keys of jobs that wait, or the two could wait for each other in a circle.
    let mut dead: Vec<_> = page.rows.iter().collect();
    dead.sort_unstable_by_key(|job| (&job.kind, &job.unique_key));
    let mut jobs = 0;
    for job in dead {
        jobs += usize::from(revive(conn, job, act).await?.is_some());
    }
    let after = page.looked_to.or_else(|| page.rows.last().map(|job| job.id));
    let mut goes_on_as = None;
    if page.has_next {
        let next = NewJob::of(&RetryDeadJobs { after, ..work.clone() })
            .caused_by(act.request_id.clone(), act.traceparent.clone());
        let next = match work.account_id {
            Some(account_id) => next.account(account_id),
            None => next,
        };
        goes_on_as = queue::enqueue(conn, act.now, &act.ids, &[next]).await?.pop();
    }
    Ok(Batch { jobs, goes_on_as })
}

use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::JobId;
use queue::{
    NewJob,
    find::{JobFilter, JobState},
};
use serde::Serialize;

use super::{JobScope, RetryDeadJobs, retry::revive};
use crate::{act::Act, audit};

/// How many jobs are retried in one transaction.
pub const RETRY_BATCH: usize = 100;

/// What became of a call to retry many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retried {
    /// How many run again.
    pub jobs: usize,
    /// The job that does the rest, if there may be more.
    pub goes_on_as: Option<JobId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Noted<'a> {
    queue: Option<&'a str>,
    kind: Option<&'a str>,
    retried: usize,
    goes_on_as: Option<String>,
}

/// Retries the dead jobs that pass the filter: the newest hundred at once, and the rest as a job. Nothing is retried twice
/// that dies again meanwhile.
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
        JobScope::Nothing => return Ok(Retried { jobs: 0, goes_on_as: None }),
        JobScope::Instance => filter.account,
        JobScope::Account(account_id) => Some(account_id),
    };
    let work = RetryDeadJobs {
        account_id,
        queue: filter.queue.map(|queue| queue.as_str().to_owned()),
        kind: filter.kind.clone(),
        error_like: filter.error_like.clone(),
        passes_over_internal_errors: filter.passes_over_internal_errors,
        ended_by: act.now,
        after: None,
    };
    conn.transaction(async |conn| {
        let retried = retry_dead_batch(conn, &work, act).await?;
        let noted = Noted {
            queue: work.queue.as_deref(),
            kind: work.kind.as_deref(),
            retried: retried.jobs,
            goes_on_as: retried.goes_on_as.map(|job| job.to_string()),
        };
        let trail = scope.account();
        audit::record_for(conn, act, trail, "jobsRetry", "jobs", (None, Some(&noted))).await?;
        Ok(retried)
    })
    .await
}

/// Retries one batch in the caller's transaction, and enqueues the job that goes on if there may be more.
///
/// # Errors
/// The database's.
pub async fn retry_dead_batch(
    conn: &mut AsyncPgConnection,
    work: &RetryDeadJobs,
    act: &Act,
) -> diesel::QueryResult<Retried> {
    let filter = JobFilter {
        account: work.account_id,
        states: vec![JobState::Dead],
        queue: work.queue.as_deref().and_then(|name| name.parse().ok()),
        kind: work.kind.clone(),
        error_like: work.error_like.clone(),
        passes_over_internal_errors: work.passes_over_internal_errors,
        ended_by: Some(work.ended_by),
    };
    let page = queue::find::list(conn, &filter, work.after, RETRY_BATCH).await?;
    let mut jobs = 0;
    for job in &page.rows {
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
    Ok(Retried { jobs, goes_on_as })
}

use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::JobId;
use queue::{
    Job,
    find::{JobRow, JobState},
};
use serde::{Deserialize, Serialize};

use super::JobScope;
use crate::{act::Act, audit, programs::Cursor, rewards::ComputeRewards};

/// Why nothing was done with a job.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// There is none of this id in reach.
    #[error("there is no such job")]
    NotFound,
    /// Its state does not allow it.
    #[error("the job is {}", .0.as_str())]
    WrongState(JobState),
    /// What is left undone would keep money reserved.
    #[error("jobs of payouts are not cancelled")]
    KeepsMoney,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What the trail says of a job: nothing of its arguments.
#[derive(Serialize)]
struct Noted {
    state: &'static str,
}

impl JobScope {
    /// The jobs of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        self,
        conn: &mut AsyncPgConnection,
        ids: &[JobId],
    ) -> diesel::QueryResult<Vec<JobRow>> {
        match self {
            Self::Nothing => Ok(Vec::new()),
            Self::Instance | Self::Account(_) => queue::find::find_all(conn, self.account(), ids).await,
        }
    }

    async fn find(self, conn: &mut AsyncPgConnection, id: JobId) -> Result<JobRow, JobError> {
        self.find_all(conn, &[id]).await?.pop().ok_or(JobError::NotFound)
    }
}

/// Gives a dead job all its attempts again, at once; if a twin with its key waits, that one takes over. Answers with the job
/// that will run. A program that was stopped by a fact tries the fact again.
///
/// # Errors
/// [`JobError`].
pub async fn retry(
    conn: &mut AsyncPgConnection,
    scope: JobScope,
    id: JobId,
    act: &Act,
) -> Result<JobRow, JobError> {
    conn.transaction(async |conn| {
        let job = scope.find(conn, id).await?;
        if job.state() != JobState::Dead {
            return Err(JobError::WrongState(job.state()));
        }
        let runs = revive(conn, &job, act).await?.ok_or(JobError::WrongState(JobState::Ready))?;
        let change = (Some(&Noted { state: "dead" }), Some(&Noted { state: "ready" }));
        audit::record_for(conn, act, job.account_id, "jobRetry", id, change).await?;
        JobScope::Instance.find(conn, runs).await
    })
    .await
}

/// Has a dead job run again; none if somebody else has just done so. Of stopped programs the mark is taken away first.
pub(super) async fn revive(
    conn: &mut AsyncPgConnection,
    job: &JobRow,
    act: &Act,
) -> diesel::QueryResult<Option<JobId>> {
    if job.kind == ComputeRewards::KIND
        && let Ok(args) = ComputeRewards::deserialize(&job.args)
    {
        Cursor::resume(conn, args.program_id).await?;
    }
    queue::retry_dead(conn, job.account_id, job.id, act.now).await
}

/// Ends a job that waits; one that runs cannot be cancelled.
///
/// # Errors
/// [`JobError`].
pub async fn cancel(
    conn: &mut AsyncPgConnection,
    scope: JobScope,
    id: JobId,
    act: &Act,
) -> Result<JobRow, JobError> {
    conn.transaction(async |conn| {
        let job = scope.find(conn, id).await?;
        if job.queue == queue::Queue::Payouts.as_str() {
            return Err(JobError::KeepsMoney);
        }
        let by = act.actor.to_string();
        if !queue::cancel(conn, job.account_id, id, &by, act.now).await? {
            return Err(JobError::WrongState(scope.find(conn, id).await?.state()));
        }
        let change = (Some(&Noted { state: job.state().as_str() }), Some(&Noted { state: "cancelled" }));
        audit::record_for(conn, act, job.account_id, "jobCancel", id, change).await?;
        scope.find(conn, id).await
    })
    .await
}

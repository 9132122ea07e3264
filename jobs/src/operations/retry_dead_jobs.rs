use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::operations::{RetryDeadJobs, retry_dead_batch};
use ids::IdSource;

use crate::handler::{Act, Claimed, Failure};

/// Retries a batch of dead jobs, and goes on by itself if there may be more.
pub struct RetryDeadJobsHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl Act for RetryDeadJobsHandler {
    type Job = RetryDeadJobs;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<RetryDeadJobs>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let retried = retry_dead_batch(conn, &job.args, &job.circumstances(now, &self.ids)).await?;
            tracing::info!(
                jobs = retried.jobs,
                goes_on = retried.goes_on_as.is_some(),
                "dead jobs run again"
            );
        }
        Ok(())
    }
}

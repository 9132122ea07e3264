use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::payout_batches::{ExecuteBatch, PayoutBatch};
use ids::IdSource;

use crate::handler::{Act, Claimed, Failure};

/// Cuts a submission of a batch that is executed; the domain enqueues what sends it, and the next.
pub struct ExecuteBatchHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl Act for ExecuteBatchHandler {
    type Job = ExecuteBatch;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ExecuteBatch>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            PayoutBatch::execute_range(conn, &job.args, &job.circumstances(now, &self.ids)).await?;
        }
        Ok(())
    }
}

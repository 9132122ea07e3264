use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::payout_batches::{CancelBatch, PayoutBatch};
use ids::IdSource;

use crate::handler::{Act, Claimed, Failure};

/// Gives back a range of a batch that was cancelled; the domain enqueues the next.
pub struct CancelBatchHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl Act for CancelBatchHandler {
    type Job = CancelBatch;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<CancelBatch>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            PayoutBatch::cancel_range(conn, &job.args, &job.circumstances(now, &self.ids)).await?;
        }
        Ok(())
    }
}

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::payout_batches::{FreezeBatch, PayoutBatch};
use ids::IdSource;

use crate::handler::{Act, Claimed, Failure};

/// Freezes a range of a draft; the domain enqueues the next.
pub struct FreezeBatchHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl Act for FreezeBatchHandler {
    type Job = FreezeBatch;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<FreezeBatch>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            PayoutBatch::freeze_range(conn, &job.args, &job.circumstances(now, &self.ids)).await?;
        }
        Ok(())
    }
}

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::stats::{FOLD_BATCH, FoldStats, fold};
use ids::IdSource;
use queue::{CatchUp, Job, NewJob, Schedule};

use crate::handler::{Act, Claimed, Failure};

/// Folds a batch of deltas into the rollups, and enqueues the next if there may be more.
pub struct FoldStatsHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl FoldStatsHandler {
    /// Every minute, should a fold not have been enqueued by what happened. One run folds whatever there is.
    pub const SCHEDULE: Schedule = Schedule {
        name: FoldStats::KIND,
        every_secs: 60,
        offset_secs: 0,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&FoldStats {}),
    };
}

impl Act for FoldStatsHandler {
    type Job = FoldStats;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<FoldStats>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let folded = fold(conn).await?;
            tracing::debug!(deltas = folded, "folded deltas");
            if folded >= FOLD_BATCH {
                queue::enqueue(conn, now, &self.ids, &[NewJob::of(&job.args)]).await?;
            }
        }
        Ok(())
    }
}

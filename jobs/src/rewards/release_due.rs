use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::rewards::{RELEASE_BATCH, ReleaseDueRewards, Reward};
use ids::IdSource;
use queue::{CatchUp, Job, NewJob, Schedule};

use crate::handler::{Act, Claimed, Failure};

/// Releases a batch of rewards whose hold has ended, and enqueues the next if there may be more.
pub struct ReleaseDueHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl ReleaseDueHandler {
    /// Every minute. One run releases whatever is due, so slots that were missed need no runs of their own.
    pub const SCHEDULE: Schedule = Schedule {
        name: ReleaseDueRewards::KIND,
        every_secs: 60,
        offset_secs: 0,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&ReleaseDueRewards {}),
    };
}

impl Act for ReleaseDueHandler {
    type Job = ReleaseDueRewards;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ReleaseDueRewards>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let act = job.circumstances(now, &self.ids);
            let released = Reward::release_due(conn, &act).await?;
            if i64::try_from(released).unwrap_or(i64::MAX) >= RELEASE_BATCH {
                queue::enqueue(conn, now, &self.ids, &[NewJob::of(&job.args)]).await?;
            }
        }
        Ok(())
    }
}

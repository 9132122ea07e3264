use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::payout_batches::{DRAFT_BATCH, DraftDueBatches, draft_due_batches};
use ids::IdSource;
use queue::{CatchUp, Job, NewJob, Schedule};

use crate::handler::{Act, Claimed, Failure};

/// Makes the drafts of some programs whose schedule is due, and enqueues the next run if there may be more.
pub struct DraftDueHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl DraftDueHandler {
    /// Every five minutes. One run drafts whatever is due, so slots that were missed need no runs of their own.
    pub const SCHEDULE: Schedule = Schedule {
        name: DraftDueBatches::KIND,
        every_secs: 300,
        offset_secs: 0,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&DraftDueBatches {}),
    };
}

impl Act for DraftDueHandler {
    type Job = DraftDueBatches;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<DraftDueBatches>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let act = job.circumstances(now, &self.ids);
            let due = draft_due_batches(conn, &act).await?;
            if due >= DRAFT_BATCH {
                queue::enqueue(conn, now, &self.ids, &[NewJob::of(&job.args)]).await?;
            }
        }
        Ok(())
    }
}

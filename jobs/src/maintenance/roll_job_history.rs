use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use queue::{CatchUp, Job, NewJob, Queue, Schedule, history};
use serde::{Deserialize, Serialize};

use crate::handler::{Act, Claimed, Failure};

/// How many days of history exist ahead of their time: a weekend without workers, and one more.
const DAYS_AHEAD: u64 = 3;

/// Creates the coming days of the job history and drops those that are over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollJobHistory {}

impl Job for RollJobHistory {
    const KIND: &'static str = "maintenance.roll_job_history";
    const QUEUE: Queue = Queue::Maintenance;
}

impl RollJobHistory {
    /// Every hour: what fails once is made good long before a day is missing.
    pub const SCHEDULE: Schedule = Schedule {
        name: Self::KIND,
        every_secs: 3600,
        offset_secs: 600,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&Self {}),
    };
}

/// Runs [`RollJobHistory`].
#[derive(Debug, Clone, Copy, Default)]
pub struct RollJobHistoryHandler;

impl Act for RollJobHistoryHandler {
    type Job = RollJobHistory;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        _jobs: &[Claimed<RollJobHistory>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let created = history::create_ahead(conn, DAYS_AHEAD, now).await?;
        let dropped = history::drop_expired(conn, now).await?;
        queue::forget_old(conn, now).await?;
        tracing::info!(created, dropped, "the job history was rolled on");
        Ok(())
    }
}

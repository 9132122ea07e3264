use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::statements::{RequestDueStatements, request_due_statements};
use ids::IdSource;
use queue::{CatchUp, Job, NewJob, Schedule};

use crate::handler::{Act, Claimed, Failure};

/// Asks for the statements of a range of partners whose month is over, and enqueues the next run if there may be more.
pub struct RequestDueHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl RequestDueHandler {
    /// Every hour: months end by the time zone of each program. One run after another does whatever is due, so slots that were missed
    /// need no runs of their own.
    pub const SCHEDULE: Schedule = Schedule {
        name: RequestDueStatements::KIND,
        every_secs: 3_600,
        offset_secs: 1_200,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&RequestDueStatements {}),
    };
}

impl Act for RequestDueHandler {
    type Job = RequestDueStatements;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<RequestDueStatements>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            if request_due_statements(conn, &job.circumstances(now, &self.ids)).await? {
                queue::enqueue(conn, now, &self.ids, &[NewJob::of(&job.args)]).await?;
            }
        }
        Ok(())
    }
}

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    act::{Act as Circumstances, Actor},
    team::invites::{EXPIRE_BATCH, ExpireInvites, Invite},
};
use ids::IdSource;
use queue::{CatchUp, Job, NewJob, Schedule};

use crate::handler::{Act, Claimed, Failure};

/// Expires a batch of invites that nobody accepted in time, and enqueues the next if there may be more.
pub struct ExpireInvitesHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl ExpireInvitesHandler {
    /// Every minute. One run expires whatever is due, so slots that were missed need no runs of their own.
    pub const SCHEDULE: Schedule = Schedule {
        name: ExpireInvites::KIND,
        every_secs: 60,
        offset_secs: 0,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&ExpireInvites {}),
    };
}

impl Act for ExpireInvitesHandler {
    type Job = ExpireInvites;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ExpireInvites>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let act = Circumstances {
                actor: Actor::Job(job.id),
                ..Circumstances::of_system(now, self.ids.clone())
            };
            let expired = Invite::expire_due(conn, &act).await?;
            if i64::try_from(expired).unwrap_or(i64::MAX) >= EXPIRE_BATCH {
                queue::enqueue(conn, now, &self.ids, &[NewJob::of(&job.args)]).await?;
            }
        }
        Ok(())
    }
}

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    clock::Clock,
    programs::Cursor,
    rewards::{ComputeRewards, compute},
};
use ids::IdSource;
use queue::NewJob;

use crate::handler::{Act, Claimed, Failure};

/// Runs a program's one ordered writer of rewards for a batch of facts, and enqueues the next if there may be more. At a fact
/// that cannot be computed the job dies, once: the program is marked as stopped with that, and trying again would not help.
pub struct ComputeRewardsHandler {
    /// Where new ids come from.
    pub ids: IdSource,
    /// Tells the time of a run once its program is locked: the time before the wait is earlier than facts that were
    /// recorded meanwhile.
    pub clock: Clock,
}

impl Act for ComputeRewardsHandler {
    type Job = ComputeRewards;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ComputeRewards>],
        _before_the_lock: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let cursor = Cursor::lock(conn, job.args.program_id).await?;
            let act = job.circumstances(self.clock.now(), &self.ids);
            let computed = compute(conn, &cursor, &act).await?;
            tracing::debug!(program.id = %job.args.program_id, facts = computed.facts, "computed rewards");
            if computed.more {
                let next = NewJob::of(&job.args).caused_by(act.request_id, act.traceparent);
                let next = job.account_id.map_or(next.clone(), |account| next.account(account));
                queue::enqueue(conn, act.now, &self.ids, &[next]).await?;
            }
            if let Some(stopped) = computed.stopped {
                return Err(Failure::Stop(stopped.to_string()));
            }
        }
        Ok(())
    }
}

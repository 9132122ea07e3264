use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    act::{Act as Circumstances, Actor},
    rewards::{ComputeError, ComputeRewards, compute},
};
use ids::IdSource;
use queue::NewJob;

use crate::handler::{Act, Claimed, Failure};

/// Runs a program's one ordered writer of rewards for a batch of facts, and enqueues the next if there may be more.
pub struct ComputeRewardsHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl Act for ComputeRewardsHandler {
    type Job = ComputeRewards;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ComputeRewards>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let act = Circumstances {
                actor: Actor::Job(job.id),
                ..Circumstances::of_system(now, self.ids.clone())
            };
            let computed = compute(conn, job.args.program_id, &act).await.map_err(failure)?;
            tracing::debug!(program.id = %job.args.program_id, facts = computed.facts, "computed rewards");
            if computed.more {
                let next = NewJob::of(&job.args);
                let next = job.account_id.map_or(next.clone(), |account| next.account(account));
                queue::enqueue(conn, now, &self.ids, &[next]).await?;
            }
        }
        Ok(())
    }
}

/// A fact that cannot be computed stops its program until a person has looked: trying again would not help.
fn failure(error: ComputeError) -> Failure {
    match error {
        ComputeError::Uncomputable { .. } => Failure::Abort(error.to_string()),
        ComputeError::Database(error) => error.into(),
    }
}

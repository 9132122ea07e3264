use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::operations::{ReviewRewards, review_rewards_batch};
use ids::IdSource;

use crate::handler::{Act, Claimed, Failure};

/// Decides about a batch of rewards, and goes on by itself if there may be more.
pub struct ReviewRewardsHandler {
    /// Where new ids come from.
    pub ids: IdSource,
}

impl Act for ReviewRewardsHandler {
    type Job = ReviewRewards;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ReviewRewards>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let reviewed = review_rewards_batch(conn, &job.args, &job.circumstances(now, &self.ids)).await?;
            tracing::info!(
                rewards = reviewed.rewards,
                goes_on = reviewed.goes_on_as.is_some(),
                "rewards were decided about"
            );
        }
        Ok(())
    }
}

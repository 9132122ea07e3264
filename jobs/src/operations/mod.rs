//! Handlers of what operators ask for.

mod retry_dead_jobs;
mod review_rewards;

pub use retry_dead_jobs::RetryDeadJobsHandler;
pub use review_rewards::ReviewRewardsHandler;

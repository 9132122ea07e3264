//! Handlers of what people ask for.

mod retry_dead_jobs;
mod review_rewards;
mod simulate_terms;

pub use retry_dead_jobs::RetryDeadJobsHandler;
pub use review_rewards::ReviewRewardsHandler;
pub use simulate_terms::SimulateTermsHandler;

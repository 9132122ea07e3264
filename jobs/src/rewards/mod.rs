//! Handlers of the queue `rewards`.

mod compute_rewards;
mod release_due;

pub use compute_rewards::ComputeRewardsHandler;
pub use release_due::ReleaseDueHandler;

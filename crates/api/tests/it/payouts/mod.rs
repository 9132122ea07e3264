//! Payouts as an account's people and machines meet them.

mod approvals;
mod batches;
mod beyond;
mod decisions;
mod files;
mod life;
mod methods;
mod policies;
mod reach;
mod results;
mod till;

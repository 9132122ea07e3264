//! Housekeeping of the ledger itself.

mod roll_job_history;

pub use roll_job_history::{RollJobHistory, RollJobHistoryHandler};

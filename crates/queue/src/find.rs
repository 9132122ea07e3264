//! Jobs as operators and members see them, wherever their rows are: what waits and runs, and the history.

mod listing;
mod row;

pub use listing::{Listed, count, list};
pub use row::{Attempt, JobFilter, JobRow, JobState, find_all};

//! What terms would have paid over recorded history, beside what was really earned: product, partner and month apart. Nothing
//! but the answer is written.

mod cells;
mod earned;
mod find;
mod jobs;
mod model;
mod rows;
mod run;
mod start;

pub use jobs::SimulateTerms;
pub use model::{Simulation, SimulationFailure};
pub use rows::{SimulationGroup, SimulationRow, SimulationTotal};
pub use run::Simulated;
pub use start::SimulateError;

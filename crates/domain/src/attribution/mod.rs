//! How a customer finds a partner. A customer has at most one active attribution in its program, and it stays until a person
//! reassigns or revokes it.

mod decide;
mod events;
mod find;
mod model;

pub use decide::{Attributed, Candidate, Candidates, Touch};
pub use events::{AttributedPayload, PastRewards, ReassignedPayload};
pub use model::{Attribution, AttributionSource, AttributionStatus};

//! How a customer finds a partner. A customer has at most one active attribution in its program, and it stays.

mod decide;
mod events;
mod find;
mod model;

pub use decide::{Attributed, Candidate, Candidates, Touch};
pub use events::AttributedPayload;
pub use model::{Attribution, AttributionSource};

//! How payouts are made: of a program, of a group of its partners, or of one partner.
//!
//! A stored policy says only what it changes; the rest is the next wider one's, and at last [`Policy::DEFAULT`]. Four eyes and
//! the schedule are of programs alone, because they are about batches.

mod events;
mod find;
mod model;
mod policy;
mod schedule;
mod update;

pub use events::PayoutPolicyPayload;
pub use find::Policies;
pub use model::{FeePayer, PayoutMethodKind, PayoutPolicy, ScheduleKind};
pub use policy::Policy;
pub use schedule::Schedule;
pub use update::{PolicyChanges, UpdateError, Whose};

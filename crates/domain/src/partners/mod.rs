//! Partners: through whom customers come.
//!
//! A partner is the membership of a person or company, the profile, in one program. It applies and is pending, or is
//! created by the owner; approved it earns, suspended it earns nothing new, rejected it may still be approved. The
//! profile (email, name, country) is one per address and account, shared by its partners in all programs.
//!
//! Locks are taken in this order: program, profile, partner.

mod action;
mod create;
mod find;
mod key;
mod model;
mod profile;
mod transition;
mod update;

pub use action::PartnerAction;
pub use create::{CreateError, Entry, NewPartner};
pub use find::PartnerFilter;
pub(crate) use key::random_key;
pub use model::{Partner, PartnerStatus};
pub use profile::PartnerProfile;
pub use transition::{Transition, TransitionError};
pub use update::{PartnerChanges, UpdateError};

//! Partners: through whom customers come.
//!
//! A partner is the membership of a person or company, the profile, in one program. It applies and is pending, or is
//! created by the owner; approved it earns, suspended it earns nothing new, rejected it may still be approved. The
//! profile (email, name, country) is one per address and account, shared by its partners in all programs.
//!
//! A partner may be in a group, and may have an upline: the partner who recruited it. Nobody has more than five above them,
//! and nobody is above themselves (A4). In refer-a-friend it is a customer.
//!
//! Locks are taken in this order: program, profile, partner.

mod action;
mod create;
mod enrol;
mod events;
mod find;
mod key;
mod model;
mod profile;
mod transition;
mod update;
mod upline;

pub use action::PartnerAction;
pub use create::{CreateError, Entry, NewPartner};
pub(crate) use enrol::Referrer;
pub use events::PartnerPayload;
pub use find::PartnerFilter;
pub(crate) use key::random_key;
pub use model::{Partner, PartnerStatus};
pub use profile::PartnerProfile;
pub use transition::{Transition, TransitionError};
pub use update::{PartnerChanges, UpdateError};
pub use upline::{MOST_UPLINES, UplineProblem};

//! From a credential to a [`Viewer`], and what stands before a log-in.

mod authenticator;
mod gate;
pub mod invite_page;
mod registration;
pub mod reset_page;
pub mod verify_page;
mod viewer;

pub use authenticator::Authenticator;
pub use gate::Gate;
pub use registration::{RegistrationPolicy, UnknownPolicy};
pub use viewer::{Obstacle, Reach, Viewer};

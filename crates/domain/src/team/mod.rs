//! The team: who may do what in an account. Roles are built in; a role is a set of permissions, and nobody grants a
//! permission that they lack. What a member granted ends when they could not grant it any more (`grants.rs`). Whoever changes
//! the team takes the account's row first (`grantor.rs`), so an account keeps an owner whoever acts at once.

pub(crate) mod grantor;
pub(crate) mod grants;
pub mod invites;
mod join;
mod member;
mod owners;
mod permission;
mod remove;
mod role;
mod standing;
mod update;

pub use grantor::GrantError;
pub use join::MemberPayload;
pub use member::{Member, Membership, NewMember};
pub use permission::{KnownPermissions, Permission, lacking};
pub use role::Role;
pub use standing::{Holder, Standing, standings};
pub use update::{MemberChanges, MemberError};

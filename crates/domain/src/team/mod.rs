//! The team: who may do what in an account. Roles are built in; a role is a set of permissions, and nobody grants a
//! permission that they lack.

mod member;
mod owners;
mod permission;
mod role;

pub use member::{Member, Membership, NewMember};
pub use permission::{KnownPermissions, Permission, lacking};
pub use role::Role;

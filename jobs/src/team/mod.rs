//! Work for teams.

mod expire_invites;

pub use expire_invites::ExpireInvitesHandler;

//! Invites: how somebody gets onto the team of an account.
//!
//! An invite carries a role and programs to an address, at most one pending per account and address. Its link works for
//! seven days; sending it again makes a new link and ends the one before. The token of the link is derived from the
//! invite's id and rotation when the email is rendered, and stored hashed only.
//!
//! Nobody invites to more than they may do themselves, and what somebody granted ends with their right to grant it (see
//! [`super::grants`]). The emails are an answer to the events (`subscribers.rs`); what became of them comes back by
//! [`note_deliveries`].

mod accept;
mod create;
mod delivery;
mod events;
mod expire;
mod find;
mod jobs;
mod model;
mod per_day;
mod preview;
mod resend;
mod revoke;
mod worn_out;

pub use accept::{AcceptError, Acceptance, Accepted};
pub use create::{InviteCreateError, InviteOutcome, Invited, NewInvites};
pub(crate) use delivery::hold;
pub use delivery::{Delivered, note_deliveries};
pub use events::{AcceptedPayload, InvitePayload};
pub use expire::EXPIRE_BATCH;
pub use find::InviteFilter;
pub use jobs::ExpireInvites;
pub use model::{Invite, InviteDelivery, InviteStatus};
pub use per_day::InvitesPerDay;
pub use preview::InvitePreview;
pub use resend::{InviteResendError, SENDS};
pub use revoke::InviteRevokeError;
pub(super) use revoke::revoke_all;

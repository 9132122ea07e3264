//! Emails that were intended, and what became of them.
//!
//! An intent is a row of ids: template, recipient, what it is about, and a dedupe key that exists once for ever (I5). It
//! commits with the fact that causes it, along with its job. What the email says is rendered when it is sent, from what
//! is true then; no address, name or token is stored here.

mod addresses;
mod find;
mod intend;
mod jobs;
mod model;
mod outcome;
mod preview;

pub use find::EmailFilter;
pub use intend::{Cause, NewEmail, intend, intend_because};
pub use jobs::SendEmail;
pub use model::{EmailMessage, EmailStatus, EmailTemplate, Recipient, UnknownRecipient};
pub use outcome::{Outcome, hold_invites, record};
pub use preview::{EmailPreview, EmailPreviews};

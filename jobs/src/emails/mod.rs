//! Emails: from an intent of ids to a message, from what is true when it is sent.
//!
//! `facts` and `load` fetch what a slice of emails tells of, in a handful of statements; `outdated` says which of them have
//! nobody or nothing to tell any more; `render`, `log_in` and
//! `payouts` fill the typed templates; `send_emails` sends and records.

mod facts;
mod load;
mod log_in;
mod outdated;
mod payouts;
mod previews;
mod render;
mod send_emails;
mod words;

pub use render::EmailRenderer;
pub use send_emails::SendEmails;

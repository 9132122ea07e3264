//! The ledger: insert-only transfers between accounts of one currency. Balances are their fold, kept in the transaction
//! that posts them; every state of a reward or payout is a projection of it (domain.md, section 4).

mod accounts;
mod balance;
mod model;
mod post;

pub use balance::Balance;
pub use model::{AccountKind, Owner, Posting, TransferReason};
pub use post::post;

//! What partners are paid.
//!
//! A payout takes items: rewards by what was released of them, and what was taken back or given back after a release. The open
//! items of a partner always sum to what is available, and each is in one live payout at most. What is taken is reserved at
//! once, and stays so until the payout is paid, or ends otherwise and gives everything back. A refund that comes meanwhile is
//! an item of the next payout.
//!
//! Locks are taken in this order: batch, payouts, partners, rewards, balances, each in the order of ids.

mod action;
mod candidates;
mod decide;
mod events;
mod find;
mod give_back;
mod items;
mod judge;
mod model;
mod pages;
mod reach;
mod request;
mod reserve;
mod resubmit;

pub use action::PayoutAction;
pub use candidates::Candidate;
pub(crate) use candidates::Candidates;
pub use decide::{DecideError, Decision};
pub use events::PayoutPayload;
pub use find::PayoutFilter;
pub(crate) use give_back::{end, give_back};
pub use items::{ItemKind, PayoutItem};
pub use judge::LeftOut;
pub(crate) use judge::{Wanted, judge};
pub use model::{Payout, PayoutStatus};
pub(crate) use reach::{Accounts, Destination, Reach};
pub use request::{NewRequest, RequestError};
pub use reserve::Previewed;
pub(crate) use reserve::{Reservation, Taken, preview, reserve};
pub use resubmit::{Resubmission, ResubmitError};

#![doc = include_str!("../README.md")]

mod backoff;
mod claim;
mod dispatch;
mod due;
mod enqueue;
mod fail;
mod figures;
mod finish;
mod hand_back;
pub mod history;
mod job;
mod lease;
mod new_job;
mod operate;
mod pause;
mod schedule;
#[rustfmt::skip]
pub mod schema;
mod statement;
mod sweep;
mod wake;

pub use backoff::backoff;
pub use claim::{ClaimedRow, Mode, Waiting, claim, waiting};
pub use dispatch::{Dispatched, Lane, Unclaimed, dispatch, dispatch_again, promote_due, unclaimed};
pub use due::{Due, due};
pub use enqueue::enqueue;
pub use fail::{Verdict, fail};
pub use figures::{QueueFigures, SHOWN_AT_MOST, figures};
pub use finish::finish;
pub use hand_back::Settled;
pub use job::{Job, Queue, Retry, UnknownQueue};
pub use lease::renew;
pub use new_job::NewJob;
pub use operate::{cancel, retry_dead};
pub use pause::{pause, paused, resume};
pub use schedule::{CatchUp, Schedule, fire_due, register};
pub use sweep::{POISON_AFTER, sweep};
pub use wake::{NoWake, Wake};

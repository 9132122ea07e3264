//! Events: what happened, in one order, for ever.
//!
//! A verb records its event in its own transaction, while it holds the row lock of the event's subject. It has no
//! position then. [`sequence`] gives positions later, in the order of recording, from a counter row: a reader who has
//! seen position n never finds anything new at or before n (E2). The feed is what has a position.

mod arrived;
mod feed;
mod follow;
mod kind;
mod model;
mod recent;
mod record;
pub mod sequence;

pub use arrived::Arrived;
pub use kind::EventKind;
pub use model::Event;
pub use record::{NewEvent, record};

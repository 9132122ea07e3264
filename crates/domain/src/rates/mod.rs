//! Exchange rates: nothing is converted but by one that was stored, with its source and its time (M3).
//!
//! A rate counts from its time on, until a later one. What was stored is never changed: a correction is stored besides, and of
//! two rates of one time the one stored later counts.

mod events;
mod latest;
mod model;

pub use events::StoredPayload;
pub use model::ExchangeRate;

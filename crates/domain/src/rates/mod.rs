//! Exchange rates: nothing is converted but by one that was stored, with its source and its time (M3).
//!
//! A rate counts from its time on, until a later one. What was stored is never changed: a correction is stored besides, and of
//! two rates of one time the one stored later counts. Feeds of the European Central Bank are imported as they are published, and
//! with them the rates to the currencies of programs that follow from them (`derive.rs`).

mod derive;
mod events;
mod feed;
mod find;
mod hosts;
mod import;
mod jobs;
mod latest;
mod model;
mod store;

pub use derive::RateRow;
pub use events::StoredPayload;
pub use feed::{Feed, FeedDay, FeedError};
pub use find::{NoRatePlace, RateFilter, RatePlace};
pub use hosts::{RateHosts, UrlRefused};
pub use import::{ImportError, Imported};
pub use jobs::ImportRates;
pub use model::ExchangeRate;
pub use store::{NewRate, StoreError};

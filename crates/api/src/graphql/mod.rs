//! The public contract: one folder per concept, one object per noun.

pub mod connection;
pub mod context;
pub mod error;
pub mod guard;
mod hex;
pub mod limits;
mod live;
mod loading;
mod node;
mod owner;
pub mod payload;
pub mod scalars;
mod schema;
mod years;

pub mod accounts;
pub mod adjustments;
pub mod api_keys;
pub mod audit;
pub mod customers;
pub mod emails;
pub mod events;
mod files;
pub mod groups;
pub mod links;
pub mod operations;
pub mod overview;
pub mod partners;
pub mod payout_batches;
pub mod payout_methods;
pub mod payout_policies;
pub mod payouts;
pub mod programs;
pub mod rates;
pub mod redemptions;
pub mod rewards;
pub mod sessions;
pub mod simulations;
mod stats;
pub mod team;
pub mod terms;
pub mod transactions;
pub mod users;

use hex::hex;
pub use schema::{Schema, build, build_with, sdl};

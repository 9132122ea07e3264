#![doc = include_str!("../README.md")]

pub mod act;
pub mod calendar;
pub mod clock;
pub mod db;
pub mod page;
mod prepared;
pub mod schema;
pub mod scope;
pub mod text;

pub mod audit;
pub mod events;
pub mod idempotency;

pub mod accounts;
pub mod action_items;
pub mod adjustments;
pub mod api_keys;
pub mod attribution;
pub mod customers;
pub mod deltas;
pub mod emails;
pub mod files;
pub mod groups;
pub mod ledger;
pub mod links;
pub mod operations;
pub mod partners;
pub mod payout_batches;
pub mod payout_methods;
pub mod payout_policies;
pub mod payouts;
pub mod programs;
pub mod rates;
pub mod redemptions;
pub mod rewards;
pub mod setup;
pub mod simulations;
pub mod stats;
pub mod subscribers;
pub mod team;
pub mod terms;
pub mod transactions;
pub mod usage;
pub mod users;
pub mod verify;

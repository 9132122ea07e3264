#![doc = include_str!("../README.md")]

pub mod act;
pub mod clock;
pub mod db;
pub mod page;
pub mod schema;
pub mod scope;
pub mod text;

pub mod audit;
pub mod events;
pub mod idempotency;

pub mod accounts;
pub mod api_keys;
pub mod emails;
pub mod programs;
pub mod rewards;
pub mod team;
pub mod terms;
pub mod transactions;
pub mod users;

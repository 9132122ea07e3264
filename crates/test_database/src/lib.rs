#![doc = include_str!("../README.md")]

mod database;
mod servers;
mod wait;

pub use database::TestDatabase;
pub use servers::{database_url, redis_url};
pub use wait::{block_on, or_panic};

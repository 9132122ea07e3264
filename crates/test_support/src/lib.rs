#![doc = include_str!("../README.md")]

mod actor;
mod answer;
mod app;
mod builder;
mod fixtures;
mod http;
mod leftovers;
mod mail;
mod people;
mod statements;
mod time;

pub use actor::Actor;
pub use answer::Answer;
pub use app::TestApp;
pub use builder::Builder;
pub use http::Response;
pub use mail::Received;
pub use test_database::{TestDatabase, database_url, redis_url};

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
mod socket;
mod statements;
mod stream;
mod time;

pub use actor::Actor;
pub use answer::Answer;
pub use app::TestApp;
pub use builder::Builder;
pub use http::Response;
pub use mail::Received;
pub use socket::{Heard, Socket};
pub use stream::{EventStream, ServerSent};
pub use test_database::{TestDatabase, database_url, redis_url};

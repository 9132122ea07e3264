#![doc = include_str!("../README.md")]

mod actor;
mod answer;
mod app;
mod builder;
mod database;
mod fixtures;
mod http;
mod leftovers;
mod mail;
mod people;
mod servers;
mod statements;
mod time;
mod wait;

pub use actor::Actor;
pub use answer::Answer;
pub use app::TestApp;
pub use builder::Builder;
pub use database::TestDatabase;
pub use http::Response;
pub use mail::Received;
pub use servers::{database_url, redis_url};

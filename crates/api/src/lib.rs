#![doc = include_str!("../README.md")]

pub mod auth;
pub mod graphql;
pub mod http;
pub mod live;

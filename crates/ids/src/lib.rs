#![doc = include_str!("../README.md")]

mod base32;
#[cfg(feature = "graphql")]
mod graphql;
mod kinds;
mod source;
mod typed;

pub use kinds::*;
pub use source::IdSource;
pub use typed::{ParseIdError, TypedId};

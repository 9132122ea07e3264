//! The public contract: one folder per concept, one object per noun.

pub mod connection;
pub mod context;
pub mod error;
pub mod guard;
pub mod limits;
pub mod payload;
pub mod scalars;
mod schema;

pub mod programs;

pub use schema::{Schema, build, sdl};

//! What waits for a person: found where it is, in one statement, and never stored.
//!
//! A kind of item is found by the index of what is open, so that an overview costs what is open and the programs in reach,
//! whatever has happened before. An item shows no more than its reader may see anyway.

mod find;
mod model;
mod statement;

pub use find::COUNTED_AT_MOST;
pub use model::{ActionItem, ActionItemKind, Severity};

//! Bytes that a person gave or that the system made: invoices, statements, files for banks. They never change.

mod create;
mod find;

pub use create::{CreateError, MOST_BYTES, MOST_BYTES_A_DAY, NewFile};
pub use find::{File, FileContent};

//! Bytes that a person gave or that the system made: invoices, statements, files for banks. They never change.
//!
//! What a person gave, and what is for a bank, says where money goes: it is sealed (`vault`) for the file's id, as the details are
//! that it was made from. Without keys what is given is kept as it is, and nothing is made for a bank.

mod create;
mod decode;
mod find;
mod jobs;
mod read;
mod reseal;

pub use create::{CreateError, MOST_BYTES, MOST_BYTES_A_DAY, NewFile};
pub use decode::{decoded, is_text};
pub use find::File;
pub use jobs::ResealFiles;
pub use read::{FileContent, ReadError};

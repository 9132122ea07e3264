//! Handlers about files that are kept.

mod reseal;

pub use reseal::ResealFilesHandler;

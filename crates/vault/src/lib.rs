#![doc = include_str!("../README.md")]

mod keys;
mod seal;

pub use keys::{KeysError, Vault};
pub use seal::{OpenError, SealError, Sealed};

//! Accounts: the tenants. An account is made together with its first owner, by registration or on the command line.

mod model;
mod update;

pub use model::{Account, AccountStatus, NewAccount};
pub use update::{AccountChanges, UpdateError};

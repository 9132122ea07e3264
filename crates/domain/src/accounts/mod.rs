//! Accounts: the tenants. An account is made together with its first owner: by registration, by a user who wants another
//! one, or on the command line.

mod model;
mod settings;
mod update;

pub use model::{Account, AccountStatus, NewAccount};
pub use settings::AccountSettings;
pub use update::{AccountChanges, UpdateError};

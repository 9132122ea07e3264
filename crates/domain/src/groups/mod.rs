//! Groups of a program's partners, which terms may ask for or override. A partner is in one group or in none; a group
//! that has partners stays.

mod create;
mod delete;
mod find;
mod model;
mod update;

pub use create::{CreateError, NewGroup};
pub use delete::DeleteError;
pub use model::{Group, MOST_GROUPS};
pub use update::{GroupChanges, UpdateError};

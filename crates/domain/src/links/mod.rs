//! Links: the addresses that a partner spreads, and that name the partner of who comes through them.
//!
//! A link's slug is unique in its program whatever the case. The first link of a partner is the default one, and bears
//! the partner's key if it is free. A disabled link brings nobody any more.

mod address;
mod create;
mod find;
mod model;
mod update;

pub use create::{CreateError, NewLink};
pub use find::LinkFilter;
pub use model::{Link, LinkStatus};
pub use update::{LinkChanges, UpdateError};

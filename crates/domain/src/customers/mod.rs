//! Customers: those whom partners bring. A customer is named by the caller's key, and belongs to at most one partner.

mod events;
mod find;
mod model;
mod upsert;

pub use events::CustomerPayload;
pub use find::CustomerFilter;
pub use model::{Customer, CustomerStatus};
pub use upsert::{CustomerUpsert, UpsertError};
pub(crate) use upsert::{Row as CustomerRow, count_signups, insert_missing};

//! Customers: those whom partners bring. A customer is named by the caller's key, and belongs to at most one partner.

mod events;
mod find;
mod model;
mod upsert;
mod upsert_all;

pub use events::{CreatedPayload, UpdatedPayload};
pub use find::CustomerFilter;
pub use model::{Customer, CustomerStatus};
pub(crate) use upsert::Row as CustomerRow;
pub use upsert::{CustomerUpsert, UpsertError};
pub use upsert_all::{UpsertAllError, UpsertRefusal};
pub(crate) use upsert_all::{count_signups, insert_missing};

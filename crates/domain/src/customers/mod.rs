//! Customers: those whom partners bring. A customer is named by the caller's key, and belongs to at most one partner.
//!
//! Where customers refer others, one who does is a partner as well (`enrol`). A newsletter's subscriber may have to confirm,
//! and is no sign-up before (`confirm`). A person may give a customer to another partner (`reassign`).

mod checked;
mod confirm;
mod enrol;
mod events;
mod find;
mod model;
mod name;
mod reassign;
mod referrers;
mod upsert;
mod upsert_all;

pub use confirm::ConfirmError;
pub use enrol::EnrolError;
pub use events::{ConfirmedPayload, CreatedPayload, UpdatedPayload};
pub use find::CustomerFilter;
pub use model::{Customer, CustomerStatus};
pub use name::CustomerName;
pub use reassign::{ReassignError, Reassignment};
pub use referrers::ReferrerProblem;
pub(crate) use referrers::{Referrers, chosen as chosen_referrer, look_up as look_up_referrers};
pub(crate) use upsert::Row as CustomerRow;
pub use upsert::{CustomerUpsert, UpsertError};
pub(crate) use upsert_all::{SIGNUP, count_signups, insert_missing};
pub use upsert_all::{UpsertAllError, UpsertRefusal};

//! Files over HTTP, beside GraphQL: bytes have no place in its documents, nor under the limit of its bodies.

mod accepted;
mod give;
mod show;

use std::any::{Any, TypeId};

use async_graphql::Data;
pub(super) use give::give;
pub(super) use show::show;

use super::refusal::Refusal;

/// What the authenticator has laid out for an operation, and a door needs too.
fn laid_out<T: Any>(data: &Data) -> Result<&T, Refusal> {
    data.get(&TypeId::of::<T>()).and_then(|found| found.downcast_ref()).ok_or_else(Refusal::internal)
}

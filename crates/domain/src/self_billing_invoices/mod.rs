//! Invoices that an account makes out to itself for partners who were paid: for a payout one at most, numbered per account and
//! year without a gap.

mod facts;
mod find;
mod jobs;
mod model;
mod ready;
mod request;

pub use facts::{InvoiceFacts, SuppliedItems};
pub use jobs::RenderInvoice;
pub use model::SelfBillingInvoice;
pub use request::RequestError;

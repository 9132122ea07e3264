//! Handlers of self-billing invoices.

mod invoice_paper;
mod render_invoice;

use ids::IdSource;
pub use render_invoice::RenderInvoiceHandler;

use crate::{Outside, Registry, statements::Printer};

/// Adds what is done about invoices.
pub(crate) fn handlers(registry: Registry, ids: &IdSource, outside: &Outside) -> Registry {
    registry.act(RenderInvoiceHandler { ids: ids.clone(), printer: Printer(outside.signing_keys.clone()) })
}

//! Handlers of statements and self-billing invoices: what is true becomes papers.

mod invoice_paper;
mod parties;
mod print;
mod render_invoice;
mod render_statement;
mod request_due;
mod statement_paper;

use ids::IdSource;
use print::Printer;
pub use render_invoice::RenderInvoiceHandler;
pub use render_statement::RenderStatementHandler;
pub use request_due::RequestDueHandler;

use crate::{Outside, Registry};

/// Adds what is done about statements and invoices.
pub(crate) fn handlers(registry: Registry, ids: &IdSource, outside: &Outside) -> Registry {
    let printer = Printer(outside.signing_keys.clone());
    registry
        .act(RenderStatementHandler { ids: ids.clone(), printer: printer.clone() })
        .act(RenderInvoiceHandler { ids: ids.clone(), printer })
        .act(RequestDueHandler { ids: ids.clone() })
}

//! Handlers of statements: what is true becomes papers.

pub(crate) mod parties;
mod print;
mod render_statement;
mod request_due;
mod statement_paper;

use ids::IdSource;
pub(crate) use print::Printer;
pub use render_statement::RenderStatementHandler;
pub use request_due::RequestDueHandler;
pub(crate) use statement_paper::{counted, kind};

use crate::{Outside, Registry};

/// Adds what is done about statements.
pub(crate) fn handlers(registry: Registry, ids: &IdSource, outside: &Outside) -> Registry {
    registry
        .act(RenderStatementHandler { ids: ids.clone(), printer: Printer(outside.signing_keys.clone()) })
        .act(RequestDueHandler { ids: ids.clone() })
}

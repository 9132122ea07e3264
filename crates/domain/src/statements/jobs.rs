use ids::{AccountId, StatementId};
use queue::{Job, Queue};
use serde::{Deserialize, Serialize};

/// Renders a statement that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderStatement {
    /// The tenant.
    pub account_id: AccountId,
    /// The statement.
    pub statement_id: StatementId,
}

impl Job for RenderStatement {
    const KIND: &'static str = "statements.render";
    const QUEUE: Queue = Queue::Payouts;

    fn unique_key(&self) -> Option<String> {
        Some(self.statement_id.to_string())
    }
}

/// Asks for statements of the months of programs that are over, for a range of partners at a time, and goes on by itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RequestDueStatements {}

impl Job for RequestDueStatements {
    const KIND: &'static str = "statements.request_due";
    const QUEUE: Queue = Queue::Payouts;

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

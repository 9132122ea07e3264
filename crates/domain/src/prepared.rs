//! Statements that a connection prepares once and keeps.
//!
//! Diesel takes the text of an `UPDATE`, of an `INSERT` of a list of rows, of raw SQL for anything that may differ at
//! every call: it prepares them anew each time, which is a second round trip and a second plan. Here the texts are few.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// The most rows of an `INSERT` that is kept; each number of rows is a text of its own.
const MOST_ROWS: usize = 4;

/// A statement whose text is one of a few.
pub(crate) struct Prepared<Q> {
    statement: Q,
    is_kept: bool,
}

/// Says of a statement that it is worth keeping.
pub(crate) trait Prepare: Sized {
    /// The text is always the same, or one of a few.
    fn prepared(self) -> Prepared<Self> {
        Prepared { statement: self, is_kept: true }
    }

    /// The text depends on the number of rows alone; those of a few rows are kept.
    fn prepared_for(self, rows: usize) -> Prepared<Self> {
        Prepared { statement: self, is_kept: rows <= MOST_ROWS }
    }
}

impl<Q> Prepare for Q {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.statement.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Pg) -> QueryResult<bool> {
        Ok(self.is_kept || self.statement.is_safe_to_cache_prepared(backend)?)
    }
}

// The connection knows what it keeps by its text.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

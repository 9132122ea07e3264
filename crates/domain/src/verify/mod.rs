//! The checks of reliability.md that hold at any time: what `refero verify` runs, and every fault test ends with.

mod balances;
mod counters;
mod evaluations;
mod figures;
mod payouts;
mod queues;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check's name in reliability.md.
    pub check: &'static str,
    /// What it looks at.
    pub about: &'static str,
    /// How many rows it looked at.
    pub looked_at: i64,
    /// What breaks the promise, one line each, the first [`SHOWN`] of them.
    pub violations: Vec<String>,
}

/// The most violations that a check shows.
pub const SHOWN: i64 = 20;

/// Runs V1, V2, V3, V4, V10, and V13 and V14, which are ours. While others write, in a transaction that sees one state of the
/// database.
///
/// # Errors
/// The database's.
pub async fn verify(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> diesel::QueryResult<Vec<Finding>> {
    Ok(vec![
        balances::balances(conn).await?,
        evaluations::evaluations(conn).await?,
        evaluations::unanswered(conn, now).await?,
        payouts::payouts(conn).await?,
        queues::at_rest(conn, now).await?,
        figures::figures(conn).await?,
        counters::counters(conn).await?,
    ])
}

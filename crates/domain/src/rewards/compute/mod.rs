//! The one ordered writer of a program's rewards. A run is one transaction: it locks the program's cursor, reads the
//! facts behind it, evaluates in memory, writes, and moves the cursor. Recorded order is the order of evaluation, and a
//! run that dies leaves nothing.

mod batch;
mod bound;
mod facts;
mod people;
mod write;

use diesel_async::AsyncPgConnection;
use ids::ProgramId;

use crate::{act::Act, programs::Cursor};

/// The most facts of one transaction.
pub const COMPUTE_BATCH: i64 = 500;

/// The most lines, times the rules that may look at each, of one transaction: what it holds in memory and writes is bounded
/// by this, whatever a sale's size. One sale of the largest size is always taken.
const MOST_WORK: usize = 100_000;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computed {
    /// How many facts it read.
    pub facts: usize,
    /// Whether there may be more.
    pub more: bool,
}

/// Why a program's cursor stays where it is. A fact is never skipped.
#[derive(Debug, thiserror::Error)]
pub enum ComputeError {
    /// The fact at this position cannot be computed: a person must look.
    #[error("the fact at position {position} cannot be computed: {why}")]
    Uncomputable {
        /// Its place in the feed.
        position: i64,
        /// What is wrong with it.
        why: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// Computes the next facts of a program, in the caller's transaction. A fact that cannot be computed ends the run before
/// it, and is the error of the next one: those before it are done, those behind it wait.
///
/// # Errors
/// [`ComputeError`]; the transaction must then be rolled back.
pub async fn compute(
    conn: &mut AsyncPgConnection,
    program_id: ProgramId,
    act: &Act,
) -> Result<Computed, ComputeError> {
    // A statement of its own: the next ones see what the former holder committed.
    let cursor = Cursor::lock(conn, program_id).await?;
    let facts::Read { facts, unreadable } = facts::read(conn, &cursor).await?;
    let is_full = facts.len() >= usize::try_from(COMPUTE_BATCH).unwrap_or(usize::MAX);
    let mut outcome = match facts.first() {
        Some(_) => batch::Batch::load(conn, program_id, &facts).await?.evaluate(&facts, act),
        None => write::Outcome::default(),
    };
    let is_cut = outcome.is_cut;
    let stopped = outcome.stopped.take().or(unreadable);
    let Some(last) = outcome.last else {
        return stopped.map_or(Ok(Computed { facts: 0, more: false }), Err);
    };
    outcome.write(conn, act).await?;
    cursor.advance(conn, last, outcome.latest_event_at).await?;
    // What stands before a fact that cannot be computed is done; the next run finds that one first, and fails.
    Ok(Computed { facts: outcome.facts, more: is_full || is_cut || stopped.is_some() })
}

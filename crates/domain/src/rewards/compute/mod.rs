//! The one ordered writer of a program's rewards. A run is one transaction: it locks the program's cursor, reads the
//! facts behind it and the part of the book that they need, evaluates in memory, writes, and moves the cursor. Recorded order is the order of evaluation, and a
//! run that dies leaves nothing.

mod batch;
mod behind;
mod bound;
mod facts;
mod load;
mod outcome;
mod recount;
mod replay;
mod store;
mod tracked;

pub use behind::{Behind, behind};
use diesel_async::AsyncPgConnection;
pub(in crate::rewards) use load::rewards::{reward_state, source_of};
pub use recount::{CountError, count_anew, recount};
pub use replay::Replay;
pub(in crate::rewards) use store::spend_more;

use crate::{act::Act, programs::Cursor, rewards::Reach};

/// The most facts of one transaction.
pub const COMPUTE_BATCH: i64 = 500;

/// The most lines, times the rules that may look at each, of one transaction: what it holds in memory and writes is bounded
/// by this, whatever a sale's size. One sale of the largest size is always taken.
const MOST_WORK: usize = 100_000;

/// How often a run may ask for counters that were not foreseen. Each time brings more partners into reach, which may have
/// milestones to look at; twice has never been seen.
const MOST_LOADS: usize = 4;

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// How many facts it read.
    pub facts: usize,
    /// Whether there may be more.
    pub more: bool,
    /// The fact that cannot be computed, if this run found it: the program is marked as stopped before it.
    pub stopped: Option<Uncomputable>,
}

/// A fact that cannot be computed, and is never skipped: a person must look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the fact at position {position} cannot be computed: {why}")]
pub struct Uncomputable {
    /// Its place in the feed.
    pub position: i64,
    /// What is wrong with it.
    pub why: String,
}

/// Computes the next facts of a program, in the transaction that locked its cursor; `act.now` is from after the lock. What
/// stands before a fact that cannot be computed is done, and the program is marked as stopped before it: the runs of later
/// facts leave quietly, until [`Cursor::resume`] has it tried again.
///
/// # Errors
/// The database's; the transaction must then be rolled back.
pub async fn compute(
    conn: &mut AsyncPgConnection,
    cursor: &Cursor,
    act: &Act,
) -> diesel::QueryResult<Computed> {
    if cursor.stopped_at.is_some() {
        return Ok(Computed { facts: 0, more: false, stopped: None });
    }
    let facts::Read { facts, unreadable } = facts::read(conn, cursor).await?;
    let is_full = facts.len() >= usize::try_from(COMPUTE_BATCH).unwrap_or(usize::MAX);
    let (mut done, mut is_cut, mut stopped) = (0, false, None);
    if !facts.is_empty() {
        match evaluated(conn, cursor, &facts, act).await? {
            Err(unreadable) => stopped = Some(unreadable),
            Ok(mut batch) => {
                stopped = batch.outcome.stopped.take();
                // The fact that failed may have left half of itself in the book: what stands before it has one of its own.
                let before = facts.get(..batch.outcome.facts).unwrap_or_default();
                if stopped.is_some() && !before.is_empty() {
                    // It was readable a moment ago, in this transaction.
                    let again = evaluated(conn, cursor, before, act).await?;
                    batch = again.map_err(|_| diesel::result::Error::RollbackTransaction)?;
                }
                (done, is_cut) = (batch.outcome.facts, batch.outcome.is_cut);
                if let Some(last) = batch.outcome.last {
                    batch.store(conn, act).await?;
                    let spent = batch.budget_spent();
                    cursor.advance(conn, last, batch.outcome.latest_event_at, spent).await?;
                }
            }
        }
    }
    // It stands behind the facts that were read, and these behind those that were taken.
    let stopped = stopped.or_else(|| unreadable.filter(|_| !is_cut));
    if let Some(Uncomputable { position, why }) = &stopped {
        cursor.stop(conn, *position, why, act.now).await?;
    }
    let more = stopped.is_none() && (is_full || is_cut);
    Ok(Computed { facts: done, more, stopped })
}

/// Loads what the facts need, and evaluates them. Which counters they need is foreseen; if an evaluation asks for others, they
/// are loaded too, and it is made again.
async fn evaluated<'a>(
    conn: &mut AsyncPgConnection,
    cursor: &Cursor,
    facts: &[facts::Fact],
    act: &'a Act,
) -> diesel::QueryResult<Result<batch::Batch<'a>, Uncomputable>> {
    let mut beside = Reach::default();
    for _ in 0..MOST_LOADS {
        let loaded = match load::Loaded::load(conn, cursor, facts, (&beside, act)).await? {
            Ok(loaded) => loaded,
            Err(unreadable) => return Ok(Err(unreadable)),
        };
        let batch = batch::evaluate(loaded, facts, (cursor.position, act));
        let beyond = batch.beyond();
        if beyond.is_empty() {
            return Ok(Ok(batch));
        }
        tracing::warn!(?beyond, "counters were needed that were not foreseen: they are loaded too");
        beside.extend(beyond);
    }
    let position = facts.first().map_or(0, |fact| fact.position);
    Ok(Err(Uncomputable { position, why: "it asks for ever more counters".to_owned() }))
}

//! The one door for decisions of people: however many rewards there are, they take the same few statements, and two or three
//! more per program.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{dsl::case_when, prelude::*, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{ProgramId, RewardId};
use serde::Serialize;

use super::{Review, Reward, RewardStatus, count::count_reward, spend::spend};
use crate::{
    act::Act,
    audit, events,
    ledger::{self, Posting, TransferReason},
    programs::{Cursor, Program},
    schema::{programs, rewards},
};

/// The reward as it is now, or where it stands if it cannot be decided about like that.
pub(crate) type Decided = (RewardId, Result<Reward, RewardStatus>);

/// What the audit trail keeps.
#[derive(Serialize)]
struct Noted<'a> {
    status: RewardStatus,
    reason: Option<&'a str>,
}

/// Decides about rewards of one account, in the caller's transaction, in the order of ids: those that stand in one of
/// the states `from`, of which the decision can start. The reason is checked.
///
/// # Errors
/// The database's.
pub(crate) async fn decide(
    conn: &mut AsyncPgConnection,
    seen: &[(RewardId, ProgramId)],
    (review, from): (&Review, &[RewardStatus]),
    act: &Act,
) -> QueryResult<Vec<Decided>> {
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    // What changes a net locks the cursors of programs first, then rewards, then balances, each in the order of ids.
    let mut cursors = Vec::new();
    for program_id in seen.iter().map(|(_, program_id)| *program_id).collect::<BTreeSet<_>>() {
        cursors.push(Cursor::lock(conn, program_id).await?);
    }
    let rows: Vec<Reward> = rewards::table
        .filter(rewards::id.eq_any(seen.iter().map(|(id, _)| *id)))
        .order(rewards::id)
        .for_update()
        .select(Reward::as_select())
        .load(conn)
        .await?;
    let (before, refused): (Vec<Reward>, Vec<Reward>) =
        rows.into_iter().partition(|reward| from.contains(&reward.status));
    if matches!(review, Review::Reject { .. }) {
        take_back(conn, &cursors, &before, act).await?;
    }
    let after = store(conn, &before, review, act).await?;
    let refused = refused.into_iter().map(|reward| (reward.id, Err(reward.status)));
    Ok(after.into_iter().map(|reward| (reward.id, Ok(reward))).chain(refused).collect())
}

/// Moves what is left of them back, and takes it off the figures, caps and budgets.
async fn take_back(
    conn: &mut AsyncPgConnection,
    cursors: &[Cursor],
    before: &[Reward],
    act: &Act,
) -> QueryResult<()> {
    let posting = |reward: &Reward| reward.posting(TransferReason::Rejected);
    let postings: Vec<Posting> = before.iter().map(posting).collect::<QueryResult<_>>()?;
    ledger::post(conn, &postings, act).await?;
    let ids: Vec<ProgramId> = cursors.iter().map(|cursor| cursor.program_id).collect();
    let programs: Vec<Program> =
        programs::table.filter(programs::id.eq_any(ids)).select(Program::as_select()).load(conn).await?;
    let programs: BTreeMap<ProgramId, Program> =
        programs.into_iter().map(|program| (program.id, program)).collect();
    for cursor in cursors {
        let program = programs.get(&cursor.program_id).ok_or(diesel::result::Error::NotFound)?;
        let of_it = before.iter().filter(|reward| reward.program_id == program.id);
        let changes: Vec<(&Reward, i64)> = of_it.map(|reward| (reward, -reward.net)).collect();
        let mut deltas = program.deltas();
        for (reward, change) in &changes {
            count_reward(&mut deltas, reward, *change);
        }
        deltas.append(conn).await?;
        spend(conn, cursor, program, &changes).await?;
    }
    Ok(())
}

/// Writes the decisions down, with their entries and events; answers in the order of ids.
async fn store(
    conn: &mut AsyncPgConnection,
    before: &[Reward],
    review: &Review,
    act: &Act,
) -> QueryResult<Vec<Reward>> {
    let Some(first) = before.first() else { return Ok(Vec::new()) };
    let (status, kind, action) = review.outcome();
    let ids: Vec<RewardId> = before.iter().map(|reward| reward.id).collect();
    let is_rejected = (status == RewardStatus::Rejected).into_sql::<diesel::sql_types::Bool>();
    let left = case_when(is_rejected, 0_i64.into_sql::<BigInt>()).otherwise(rewards::net);
    let mut after: Vec<Reward> = diesel::update(rewards::table.filter(rewards::id.eq_any(ids)))
        .set((
            rewards::status.eq(status),
            rewards::net.eq(left),
            rewards::under_review.eq(false),
            rewards::updated_at.eq(act.now),
        ))
        .returning(Reward::as_returning())
        .get_results(conn)
        .await?;
    after.sort_unstable_by_key(|reward| reward.id);
    let was: Vec<Noted<'_>> =
        before.iter().map(|reward| Noted { status: reward.status, reason: None }).collect();
    let is = Noted { status, reason: review.reason() };
    let changes: Vec<_> =
        before.iter().zip(&was).map(|(reward, was)| (reward.id.to_string(), Some(was), Some(&is))).collect();
    audit::record_all(conn, act, first.account_id, action, &changes).await?;
    let told: Vec<_> = after.iter().map(|reward| reward.event(kind)).collect();
    events::record(conn, act, &told).await?;
    Ok(after)
}

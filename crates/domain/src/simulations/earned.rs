use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{RewardId, TransactionId};
use serde::Deserialize;

use super::{
    SimulationFailure,
    cells::{Cells, Window},
};
use crate::{
    programs::{Cursor, Program},
    rewards::{LineSet, Reward, RewardStatus, RewardTrigger},
    schema::{rewards, transactions},
    scope::AccountScope,
    transactions::{Line, Transaction, TransactionItem},
};

/// How many rewards are in memory at once.
const CHUNK: i64 = 5_000;

/// Adds what was really earned, and answers up to which position of the feed: both of one moment, in a transaction of its own.
pub(super) async fn up_to_now(
    conn: &mut AsyncPgConnection,
    program: &Program,
    window: Window,
    cells: &mut Cells,
) -> QueryResult<Result<i64, SimulationFailure>> {
    let mut snapshot = conn.build_transaction().repeatable_read().read_only();
    snapshot
        .run(async |conn| {
            let up_to = Cursor::position_of(conn, program.id).await?;
            Ok(add(conn, program, window, cells).await?.map(|()| up_to))
        })
        .await
}

/// Adds what was really earned by the events of the window: what is left now of the rewards that rules made.
async fn add(
    conn: &mut AsyncPgConnection,
    program: &Program,
    window: Window,
    cells: &mut Cells,
) -> QueryResult<Result<(), SimulationFailure>> {
    let mut after: Option<RewardId> = None;
    loop {
        let mut query = rewards::table
            .filter(rewards::account_id.eq(program.account_id))
            .filter(rewards::program_id.eq(program.id))
            .filter(rewards::trigger.ne(RewardTrigger::Manual))
            .filter(rewards::event_at.ge(window.from))
            .filter(rewards::event_at.lt(window.to))
            .order(rewards::id)
            .limit(CHUNK)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(rewards::id.gt(after));
        }
        let rows: Vec<Reward> = query.select(Reward::as_select()).load(conn).await?;
        let Some(last) = rows.last() else { return Ok(Ok(())) };
        after = Some(last.id);
        let lines = lines_of(conn, program, &rows).await?;
        for row in &rows {
            if let Err(failure) = add_one(row, &lines, window, cells) {
                return Ok(Err(failure));
            }
        }
    }
}

fn add_one(
    row: &Reward,
    lines: &HashMap<TransactionId, Vec<Line>>,
    window: Window,
    cells: &mut Cells,
) -> Result<(), SimulationFailure> {
    let Some(month) = window.month(row.event_at) else { return Ok(()) };
    let owner = row.owner().map_err(|_| SimulationFailure::Uncomputable)?;
    let made_of = row.lines.as_ref().map(LineSet::deserialize).transpose();
    let made_of = made_of.map_err(|_| SimulationFailure::Uncomputable)?.unwrap_or_default();
    let sale = row.transaction_id.and_then(|id| lines.get(&id)).map(Vec::as_slice).unwrap_or_default();
    let split = cells.split(sale, &made_of);
    let net = if row.status == RewardStatus::Rejected { 0 } else { row.net };
    cells.add((owner, month, row.currency), net, &split, |amounts| &mut amounts.earned)
}

/// The lines of the sales of these rewards.
async fn lines_of(
    conn: &mut AsyncPgConnection,
    program: &Program,
    rows: &[Reward],
) -> QueryResult<HashMap<TransactionId, Vec<Line>>> {
    let ids: Vec<TransactionId> =
        rows.iter().filter(|row| row.lines.is_some()).filter_map(|row| row.transaction_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sales: Vec<Transaction> = transactions::table
        .filter(transactions::account_id.eq(program.account_id))
        .filter(transactions::id.eq_any(&ids))
        .select(Transaction::as_select())
        .load(conn)
        .await?;
    let mut items: HashMap<TransactionId, Vec<TransactionItem>> = HashMap::new();
    for item in TransactionItem::of(conn, &AccountScope::whole(program.account_id), &ids).await? {
        items.entry(item.transaction_id).or_default().push(item);
    }
    let lines = sales.into_iter().filter_map(|sale| {
        let items = items.get(&sale.id).map(Vec::as_slice).unwrap_or_default();
        Some((sale.id, sale.lines(items).ok()?.lines))
    });
    Ok(lines.collect())
}

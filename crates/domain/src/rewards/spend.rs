use std::collections::{BTreeMap, HashMap};

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use serde::Deserialize;

use super::{
    CapKey, Reward, Tracked,
    compute::{reward_state, source_of, spend_more},
};
use crate::programs::{Cursor, Program};

/// Notes outside of the writer that what is left of rewards of the program changed by so much each: caps and the budget look
/// back on it. The caller holds the program's cursor.
pub(super) async fn spend(
    conn: &mut AsyncPgConnection,
    cursor: &Cursor,
    program: &Program,
    changes: &[(&Reward, i64)],
) -> QueryResult<()> {
    let of_budget: i64 = changes
        .iter()
        .filter(|(reward, _)| reward.currency == program.currency)
        .map(|(_, change)| change)
        .sum();
    if of_budget != 0 {
        cursor.spend(conn, of_budget).await?;
    }
    spend_more(conn, program, &spent(cursor, program, changes)).await
}

/// What the changes come to for each cap that looks back on one: a statement may touch a row once.
fn spent(cursor: &Cursor, program: &Program, changes: &[(&Reward, i64)]) -> BTreeMap<CapKey, i64> {
    let tracked = cursor.tracked.as_ref().and_then(|tracked| Tracked::deserialize(tracked).ok());
    let Some(tracked) = tracked else { return BTreeMap::new() };
    let mut spent = BTreeMap::new();
    for (reward, change) in changes {
        let numbers: HashMap<_, _> = reward.terms_id.into_iter().map(|id| (id, 0)).collect();
        let state =
            source_of(reward).and_then(|source| reward_state(reward, source, program.calendar(), &numbers));
        for key in state.iter().flat_map(|state| tracked.caps(state)) {
            *spent.entry(key).or_default() += change;
        }
    }
    spent
}

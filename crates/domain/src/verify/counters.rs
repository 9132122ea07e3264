use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Finding, SHOWN};
use crate::{
    programs::{Cursor, Program},
    rewards,
    schema::{programs, reward_cursors},
};

/// V14: what tiers, caps, milestones and the budget look back on is what was evaluated.
pub(super) async fn counters(conn: &mut AsyncPgConnection) -> QueryResult<Finding> {
    let shown = usize::try_from(SHOWN).unwrap_or(0);
    let all: Vec<(Cursor, Program)> = reward_cursors::table
        .inner_join(programs::table)
        .order(programs::id)
        .select((Cursor::as_select(), Program::as_select()))
        .load(conn)
        .await?;
    let (mut looked_at, mut violations) = (0, Vec::new());
    for (cursor, program) in &all {
        let (size, differences) = rewards::recount(conn, (program, cursor), shown).await?;
        looked_at += i64::try_from(size).unwrap_or(i64::MAX);
        violations.extend(differences);
    }
    violations.truncate(shown);
    Ok(Finding { check: "V14", about: "counters equal a count of what was evaluated", looked_at, violations })
}

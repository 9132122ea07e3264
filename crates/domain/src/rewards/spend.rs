use std::collections::HashMap;

use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, SelectableHelper, sql_query,
    sql_types::{Jsonb, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;

use super::{
    Reward, Tracked,
    compute::{reward_state, source_of, spending},
};
use crate::{
    programs::{Cursor, Program},
    schema::programs,
};

const SPENT: &str = "\
    INSERT INTO reward_spending (account_id, program_id, rule, beneficiary, customer, period, start, currency, net) \
    SELECT $1, $2, t.rule, t.beneficiary, t.customer, t.period, t.start, t.currency, t.net \
    FROM jsonb_to_recordset($3) AS t (rule text, beneficiary uuid, customer uuid, period text, start date, currency text, \
        net bigint) \
    ON CONFLICT (account_id, program_id, rule, beneficiary, customer, period, start, currency) \
        DO UPDATE SET net = reward_spending.net + excluded.net";

/// Notes outside of the writer that what is left of a reward changed by so much: caps and the budget look back on it. The
/// caller holds the program's cursor.
pub(super) async fn spend(
    conn: &mut AsyncPgConnection,
    cursor: &Cursor,
    reward: &Reward,
    change: i64,
) -> QueryResult<()> {
    let program: Program = programs::table
        .filter(programs::id.eq(reward.program_id))
        .select(Program::as_select())
        .first(conn)
        .await?;
    if reward.currency == program.currency {
        cursor.spend(conn, change).await?;
    }
    let tracked = cursor.tracked.as_ref().and_then(|tracked| Tracked::deserialize(tracked).ok());
    let numbers: HashMap<_, _> = reward.terms_id.into_iter().map(|id| (id, 0)).collect();
    let state =
        source_of(reward).and_then(|source| reward_state(reward, source, program.calendar(), &numbers));
    let keys = tracked.zip(state).map(|(tracked, state)| tracked.caps(&state)).unwrap_or_default();
    if keys.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = keys.iter().map(|key| spending(key, Some(change))).collect();
    sql_query(SPENT)
        .bind::<SqlUuid, _>(reward.account_id)
        .bind::<SqlUuid, _>(reward.program_id)
        .bind::<Jsonb, _>(serde_json::Value::Array(rows))
        .execute(conn)
        .await?;
    Ok(())
}

//! What is counted of a program's history. Only what some published version asks for is; when a version asks for something
//! new, everything is counted anew from what was evaluated.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, EvaluationId, PartnerId, RewardId, TermsId, TransactionId};
use serde::Deserialize;

use super::{
    load::{known, rewards as stored},
    store,
};
use crate::{
    programs::{Cursor, Program},
    rewards::{Counted, Reward, RewardTrigger, Tracked, Weight},
    schema::{evaluations, reward_cursors, rewards},
    terms::TermsInForce,
};

/// Rows of history that are in memory at once.
const CHUNK: i64 = 1_000;

/// Counts anew if these versions ask for what is not counted yet; or says what cannot be read.
pub(super) async fn ensure(
    conn: &mut AsyncPgConnection,
    cursor: &Cursor,
    program: &Program,
    versions: &[TermsInForce],
    numbers: &HashMap<TermsId, i32>,
) -> QueryResult<Result<(), String>> {
    let tracked = Tracked::of(versions);
    let stored = cursor.tracked.as_ref().and_then(|stored| Tracked::deserialize(stored).ok());
    let counted = stored.unwrap_or_default();
    if counted.covers(&tracked) {
        return Ok(Ok(()));
    }
    Ok(renew(conn, program, versions, numbers).await?.map(|_| ()))
}

/// Counts anew what these versions ask for, and writes it in the place of what there is; answers what all rewards in the
/// program's currency come to, or says what cannot be read.
pub(super) async fn renew(
    conn: &mut AsyncPgConnection,
    program: &Program,
    versions: &[TermsInForce],
    numbers: &HashMap<TermsId, i32>,
) -> QueryResult<Result<i64, String>> {
    let tracked = Tracked::of(versions);
    let counted = match count(conn, program, tracked.clone(), numbers).await? {
        Ok(counted) => counted,
        Err(why) => return Ok(Err(why)),
    };
    store::replace(conn, program, &counted).await?;
    let tracked = serde_json::to_value(&tracked).unwrap_or_default();
    diesel::update(reward_cursors::table.find(program.id))
        .set(reward_cursors::tracked.eq(tracked))
        .execute(conn)
        .await?;
    Ok(Ok(counted.budget_spent))
}

/// Counts the whole history; or says what cannot be read.
pub(super) async fn count(
    conn: &mut AsyncPgConnection,
    program: &Program,
    tracked: Tracked,
    numbers: &HashMap<TermsId, i32>,
) -> QueryResult<Result<Counted, String>> {
    let asks_for_events = tracked != Tracked::default();
    let mut counted = Counted::new(tracked, program.currency);
    if asks_for_events && let Err(why) = count_events(conn, program, &mut counted).await? {
        return Ok(Err(why));
    }
    count_rewards(conn, program, &mut counted, numbers).await?;
    Ok(Ok(counted))
}

/// Of several evaluations of a source the last one stands.
const STANDS: &str = "NOT EXISTS (SELECT FROM evaluations l WHERE l.source = evaluations.source AND l.number > evaluations.number)";

type Row = (EvaluationId, Option<TransactionId>, CustomerId, Option<PartnerId>, NaiveDate);

async fn count_events(
    conn: &mut AsyncPgConnection,
    program: &Program,
    counted: &mut Counted,
) -> QueryResult<Result<(), String>> {
    use evaluations as e;
    let mut after: Option<EvaluationId> = None;
    loop {
        let mut query = e::table
            .filter(e::account_id.eq(program.account_id))
            .filter(e::program_id.eq(program.id))
            .filter(e::is_qualified)
            .filter(sql::<Bool>(STANDS))
            .order(e::id)
            .limit(CHUNK)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(e::id.gt(after));
        }
        let rows: Vec<Row> = query
            .select((e::id, e::transaction_id, e::customer_id, e::partner_id, e::day))
            .load(conn)
            .await?;
        let Some(last) = rows.last() else { return Ok(Ok(())) };
        after = Some(last.0);
        let sales: Vec<TransactionId> = rows.iter().filter_map(|row| row.1).collect();
        let known = match known::load(conn, program, &sales).await? {
            Ok(known) => known,
            Err(why) => return Ok(Err(why)),
        };
        let known: HashMap<TransactionId, _> =
            known.into_iter().map(|known| (known.id, known.state)).collect();
        for (_, sale, customer, partner, day) in rows {
            match (sale, partner) {
                (Some(sale), Some(partner)) => {
                    if let Some(sale) = known.get(&sale) {
                        counted.sale((partner, customer), day, (&Weight::default(), &sale.weight));
                    }
                }
                (None, Some(partner)) => counted.sign_up(partner, day, 1),
                (_, None) => {}
            }
        }
    }
}

async fn count_rewards(
    conn: &mut AsyncPgConnection,
    program: &Program,
    counted: &mut Counted,
    numbers: &HashMap<TermsId, i32>,
) -> QueryResult<()> {
    let mut after: Option<RewardId> = None;
    loop {
        let mut query = rewards::table
            .filter(rewards::account_id.eq(program.account_id))
            .filter(rewards::program_id.eq(program.id))
            .filter(rewards::trigger.ne(RewardTrigger::Manual))
            .order(rewards::id)
            .limit(CHUNK)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(rewards::id.gt(after));
        }
        let rows: Vec<Reward> = query.select(Reward::as_select()).load(conn).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        for row in &rows {
            let source = stored::source_of(row);
            let state =
                source.and_then(|source| stored::reward_state(row, source, program.calendar(), numbers));
            if let Some(state) = state {
                counted.spend(&state, state.present_net());
            }
        }
    }
}

//! Writes what a run has evaluated, in a number of statements that does not grow with it.

mod adjustments;
mod counters;
mod nets;
mod people;

pub(super) use counters::replace;
pub(in crate::rewards) use counters::spend_more;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::RewardId;
use std::collections::HashMap;

use super::outcome::Outcome;
use crate::{
    act::Act,
    events::{self, EventKind},
    ledger::{self, TransferReason},
    prepared::Prepare,
    programs::Program,
    rewards::{Book, Reward, reverse},
    schema::{evaluations, non_rewards, rewards},
};

/// Rows of one INSERT: thirty parameters and up to some kilobytes each.
const ROWS_PER_INSERT: usize = 500;

/// What a run writes from, beside its outcome.
pub(super) struct Written<'w, 'b> {
    pub(super) program: &'w Program,
    pub(super) book: &'w Book<'b>,
}

impl Written<'_, '_> {
    /// Writes everything, then posts the earned amounts and what became of earlier ones, records the events and appends the
    /// deltas.
    pub(super) async fn store(
        &self,
        conn: &mut AsyncPgConnection,
        outcome: &mut Outcome,
        known: &mut HashMap<RewardId, Reward>,
        act: &Act,
    ) -> QueryResult<()> {
        // Before the balances that what is earned locks: whoever releases these rewards takes them in this order too.
        if !outcome.nets.is_empty() {
            reverse::lock(conn, outcome.nets.iter().map(|net| net.reward).collect()).await?;
        }
        people::partners(conn, self.program, outcome).await?;
        people::customers(conn, self.program, outcome, self.book).await?;
        insert(conn, outcome).await?;
        if !outcome.superseded.is_empty() {
            supersede(conn, outcome, act).await?;
        }
        adjustments::update(conn, self.program, outcome).await?;
        let earned = outcome.rewards.iter().map(|reward| reward.posting(TransferReason::Earned));
        let earned: Vec<_> = earned.collect::<QueryResult<_>>()?;
        ledger::post(conn, &earned, act).await?;
        let created = |reward: &Reward| {
            reward.event(EventKind::RewardCreated).quiet_after(outcome.quiet.contains(&reward.id))
        };
        let created: Vec<_> = outcome.rewards.iter().map(created).collect();
        events::record(conn, act, &created).await?;
        nets::post(conn, outcome, known, act).await?;
        counters::changed(conn, self.program, self.book.counted()).await?;
        match &outcome.deltas {
            Some(deltas) => deltas.append(conn).await,
            None => Ok(()),
        }
    }
}

async fn insert(conn: &mut AsyncPgConnection, outcome: &Outcome) -> QueryResult<()> {
    for chunk in outcome.evaluations.chunks(ROWS_PER_INSERT) {
        diesel::insert_into(evaluations::table).values(chunk).prepared_for(chunk.len()).execute(conn).await?;
    }
    for chunk in outcome.rewards.chunks(ROWS_PER_INSERT) {
        diesel::insert_into(rewards::table).values(chunk).prepared_for(chunk.len()).execute(conn).await?;
    }
    for chunk in outcome.non_rewards.chunks(ROWS_PER_INSERT) {
        diesel::insert_into(non_rewards::table).values(chunk).prepared_for(chunk.len()).execute(conn).await?;
    }
    Ok(())
}

/// Marks the reasons that an evaluation of a higher number took the place of.
async fn supersede(conn: &mut AsyncPgConnection, outcome: &Outcome, act: &Act) -> QueryResult<()> {
    let (sources, numbers): (Vec<uuid::Uuid>, Vec<i32>) =
        outcome.evaluations.iter().filter(|row| row.number > 1).map(|row| (row.source, row.number)).unzip();
    diesel::sql_query(
        "UPDATE non_rewards n SET superseded_at = $3 FROM unnest($1, $2) AS s (source, number) \
         WHERE n.source = s.source AND n.evaluation < s.number AND n.superseded_at IS NULL",
    )
    .bind::<diesel::sql_types::Array<diesel::sql_types::Uuid>, _>(sources)
    .bind::<diesel::sql_types::Array<diesel::sql_types::Integer>, _>(numbers)
    .bind::<diesel::sql_types::Timestamptz, _>(act.now)
    .execute(conn)
    .await?;
    Ok(())
}

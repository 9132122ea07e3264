//! What was evaluated of customers whose past goes with them to another partner.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, TermsId, TransactionId};
use serde::Deserialize;
use uuid::Uuid;

use super::rewards::source_of;
use crate::{
    programs::Program,
    rewards::{Facts, Past, Reward, RewardTrigger, Source, StoredEvaluation},
    schema::{evaluations, rewards},
};

/// The evaluations that stand of these customers, in recorded order, with the rewards of their sign-ups.
pub(super) async fn load(
    conn: &mut AsyncPgConnection,
    program: &Program,
    customers: &[CustomerId],
    numbers: &HashMap<TermsId, i32>,
) -> QueryResult<Result<(HashMap<CustomerId, Vec<Past>>, Vec<Reward>), String>> {
    if customers.is_empty() {
        return Ok(Ok((HashMap::new(), Vec::new())));
    }
    let mut rows: Vec<StoredEvaluation> = evaluations::table
        .filter(evaluations::account_id.eq(program.account_id))
        .filter(evaluations::customer_id.eq_any(customers))
        .distinct_on(evaluations::source)
        .order((evaluations::source, evaluations::number.desc()))
        .select(StoredEvaluation::as_select())
        .load(conn)
        .await?;
    let first: HashMap<Uuid, i64> = evaluations::table
        .filter(evaluations::account_id.eq(program.account_id))
        .filter(evaluations::customer_id.eq_any(customers))
        .filter(evaluations::number.eq(1))
        .select((evaluations::source, evaluations::position))
        .load(conn)
        .await?
        .into_iter()
        .collect();
    // In recorded order, however often and when each was evaluated again.
    rows.sort_by_key(|row| first.get(&row.source).copied());
    let made: Vec<Reward> = rewards::table
        .filter(rewards::account_id.eq(program.account_id))
        .filter(rewards::customer_id.eq_any(customers))
        .filter(rewards::trigger.eq_any([RewardTrigger::Sale, RewardTrigger::Signup]))
        .order(rewards::id)
        .select(Reward::as_select())
        .load(conn)
        .await?;
    let mut all: HashMap<CustomerId, Vec<Past>> = customers.iter().map(|id| (*id, Vec::new())).collect();
    for row in rows {
        let facts = match Facts::deserialize(&row.facts) {
            Ok(facts) => facts,
            Err(error) => return Ok(Err(format!("the evaluation {} cannot be read: {error}", row.id))),
        };
        let source = row.transaction_id.map_or(Source::SignUp(row.customer_id), Source::Sale);
        let is_of = |reward: &&Reward| source_of(reward) == Some(source) && reward.evaluation == row.number;
        all.entry(row.customer_id).or_default().push(Past {
            source,
            facts,
            terms: row.terms_id.and_then(|id| numbers.get(&id).copied()),
            number: row.number,
            rewards: made.iter().filter(is_of).map(|reward| reward.id).collect(),
            qualified_for: row.partner_id.filter(|_| row.is_qualified),
        });
    }
    let of_sign_ups = made.into_iter().filter(|reward| reward.trigger == RewardTrigger::Signup);
    Ok(Ok((all, of_sign_ups.collect())))
}

/// Whose counters may change when these move: for whom they count, and who has rewards of sign-ups.
pub(super) fn partners(
    past: &HashMap<CustomerId, Vec<Past>>,
    of_sign_ups: &[Reward],
) -> impl Iterator<Item = PartnerId> {
    let counted = past.values().flatten().filter_map(|past| past.qualified_for);
    counted.chain(of_sign_ups.iter().filter_map(|reward| reward.partner_id))
}

/// The sales among these.
pub(super) fn sales(past: &HashMap<CustomerId, Vec<Past>>) -> Vec<TransactionId> {
    past.values().flatten().filter_map(|past| past.source.sale()).collect()
}

/// Those of them that have no rate, or may have another by now.
pub(super) fn unrated(past: &HashMap<CustomerId, Vec<Past>>) -> impl Iterator<Item = TransactionId> {
    let unrated =
        |past: &&Past| past.was_nobodys() || past.facts.sale.as_ref().is_some_and(|sale| sale.rate.is_none());
    past.values().flatten().filter(unrated).filter_map(|past| past.source.sale())
}

//! Sales that were evaluated before, as far as what comes now needs them.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, TransactionId};
use serde::Deserialize;

use super::{adjustments::takes, rewards::reward_state};
use crate::{
    adjustments::{Adjustment, AdjustmentKind},
    programs::Program,
    rewards::{Facts, Joined, ReversalCause, Reward, RewardTrigger, SaleState, Source, StoredEvaluation},
    schema::{adjustments, evaluations, rewards, transactions},
};

/// A sale with all that came of it so far.
pub(in crate::rewards) struct KnownSale {
    pub(in crate::rewards) id: TransactionId,
    pub(in crate::rewards) key: String,
    pub(in crate::rewards) state: SaleState,
    /// The facts of the evaluation that stands.
    pub(in crate::rewards) facts: Facts,
    pub(in crate::rewards) rewards: Vec<Reward>,
}

/// Those of these sales that were evaluated.
pub(in crate::rewards) async fn load(
    conn: &mut AsyncPgConnection,
    program: &Program,
    ids: &[TransactionId],
) -> QueryResult<Result<Vec<KnownSale>, String>> {
    if ids.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let stored: Vec<StoredEvaluation> = evaluations::table
        .filter(evaluations::account_id.eq(program.account_id))
        .filter(evaluations::transaction_id.eq_any(ids))
        .distinct_on(evaluations::transaction_id)
        .order((evaluations::transaction_id, evaluations::number.desc()))
        .select(StoredEvaluation::as_select())
        .load(conn)
        .await?;
    let keys: Vec<(TransactionId, String)> = transactions::table
        .filter(transactions::account_id.eq(program.account_id))
        .filter(transactions::id.eq_any(ids))
        .select((transactions::id, transactions::key))
        .load(conn)
        .await?;
    let keys: HashMap<_, _> = keys.into_iter().collect();
    let mut joined = joined(conn, program, ids).await?;
    let mut made = made(conn, program, ids).await?;
    let known = stored.into_iter().filter_map(|stored| {
        let id = stored.transaction_id?;
        let key = keys.get(&id)?.clone();
        Some(known(program, (id, key), stored, joined.remove(&id), made.remove(&id)))
    });
    Ok(known.collect())
}

fn known(
    program: &Program,
    (id, key): (TransactionId, String),
    stored: StoredEvaluation,
    joined: Option<Vec<(Adjustment, bool)>>,
    made: Option<Vec<Reward>>,
) -> Result<KnownSale, String> {
    let unreadable =
        |error: serde_json::Error| format!("the evaluation {} cannot be read: {error}", stored.id);
    let facts = Facts::deserialize(&stored.facts).map_err(unreadable)?;
    let sale = facts.sale.as_ref().ok_or_else(|| format!("the evaluation {} is of no sale", stored.id))?;
    let rewards: Vec<Reward> =
        made.unwrap_or_default().into_iter().filter(|reward| reward.evaluation == stored.number).collect();
    let nets: Vec<i64> = sale.lines.iter().map(|line| line.amount).collect();
    let adjustments: Vec<(Adjustment, bool)> = joined.unwrap_or_default();
    let is_void = adjustments.iter().any(|(adjustment, _)| adjustment.kind == AdjustmentKind::Void);
    let joined = adjustments.into_iter().filter_map(|(adjustment, is_won)| {
        let takes = takes(&adjustment, sale.gross, sale.net)?;
        let cause = match adjustment.kind {
            AdjustmentKind::Refund => ReversalCause::Refund,
            AdjustmentKind::Chargeback => ReversalCause::Chargeback,
            AdjustmentKind::ChargebackWon => ReversalCause::ChargebackWon,
            AdjustmentKind::Void => ReversalCause::Void,
        };
        let chargeback = (adjustment.kind == AdjustmentKind::Chargeback).then_some(adjustment.key);
        Some(Joined { id: adjustment.id, cause, chargeback, takes, stands: !is_won })
    });
    let mut state = SaleState {
        customer: facts.customer.id,
        at: facts.occurred_at,
        currency: sale.currency,
        gross: sale.gross,
        net: sale.net,
        nets,
        counts: sale.rewardable && sale.net > 0,
        is_void,
        rate: sale.rate.map(|rate| rate.rate),
        partner: stored.partner_id,
        is_qualified: stored.is_qualified,
        evaluations: stored.number,
        adjustments: joined.collect(),
        rewards: rewards.iter().map(|reward| reward.id).collect(),
        weight: Default::default(),
    };
    state.weight = state.weigh(&state.remainder(), program.currency);
    Ok(KnownSale { id, key, state, facts, rewards })
}

/// The adjustments of these sales in recorded order, with whether a chargeback was won.
async fn joined(
    conn: &mut AsyncPgConnection,
    program: &Program,
    ids: &[TransactionId],
) -> QueryResult<HashMap<TransactionId, Vec<(Adjustment, bool)>>> {
    use adjustments as a;
    let rows: Vec<Adjustment> = a::table
        .filter(a::account_id.eq(program.account_id))
        .filter(a::transaction_id.eq_any(ids))
        .filter(a::refused.is_null())
        .order(a::position)
        .select(Adjustment::as_select())
        .load(conn)
        .await?;
    let won: HashSet<String> = rows.iter().filter_map(|row| row.chargeback_key.clone()).collect();
    let mut joined: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let is_won = row.kind == AdjustmentKind::Chargeback && won.contains(&row.key);
        if let Some(id) = row.transaction_id {
            joined.entry(id).or_default().push((row, is_won));
        }
    }
    Ok(joined)
}

/// The rewards of these sales that are no milestones.
async fn made(
    conn: &mut AsyncPgConnection,
    program: &Program,
    ids: &[TransactionId],
) -> QueryResult<HashMap<TransactionId, Vec<Reward>>> {
    let rows: Vec<Reward> = rewards::table
        .filter(rewards::account_id.eq(program.account_id))
        .filter(rewards::transaction_id.eq_any(ids))
        .filter(rewards::trigger.eq(RewardTrigger::Sale))
        .order(rewards::id)
        .select(Reward::as_select())
        .load(conn)
        .await?;
    let mut made: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        if let Some(id) = row.transaction_id {
            made.entry(id).or_default().push(row);
        }
    }
    Ok(made)
}

impl KnownSale {
    /// Whose counters may change with it: whose it is, who has rewards of it, and who stood above when it was recorded. Whoever stands
    /// above now may be somebody else.
    pub(super) fn partners(&self) -> Vec<PartnerId> {
        let recorded = self.facts.attribution.iter();
        let above = recorded.flat_map(|attribution| &attribution.uplines).map(|above| above.partner);
        let rewarded = self.rewards.iter().filter_map(|reward| reward.partner_id);
        self.state.partner.into_iter().chain(rewarded).chain(above).collect()
    }

    /// Tells the book of it, and its rewards.
    pub(in crate::rewards) fn tell(
        self,
        book: &mut crate::rewards::Book<'_>,
        terms: &HashMap<ids::TermsId, i32>,
    ) -> Vec<Reward> {
        for reward in &self.rewards {
            let source = Source::Sale(self.id);
            if let Some(state) = reward_state(reward, source, book.policy().calendar, terms) {
                book.knows_reward(reward.id, state);
            }
        }
        book.knows_sale(self.id, self.key, self.state);
        self.rewards
    }
}

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, ProgramId, TermsId, TransactionId, TypedId};

use super::{Uncomputable, people::People};
use crate::{
    act::Act,
    deltas::Deltas,
    events::{self, EventKind},
    ledger::{self, TransferReason},
    prepared::Prepare,
    rewards::{
        self, EarnedReward, Evaluation, NonReward, Reward, RewardStatus, RewardTrigger, SaleFacts,
        StoredEvaluation, count::count_reward,
    },
    schema::{evaluations, non_rewards, rewards as rewards_table},
    terms::TermsInForce,
    transactions::Transaction,
};

/// Rows of one INSERT: thirty parameters and up to some kilobytes each.
const ROWS_PER_INSERT: usize = 500;

/// What a run has evaluated, to be written at once.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) people: Option<(People, AccountId, ProgramId)>,
    pub(super) latest_event_at: Option<DateTime<Utc>>,
    /// The position of the last fact that is in it.
    pub(super) last: Option<i64>,
    /// How many facts are in it.
    pub(super) facts: usize,
    /// Whether the facts after them are too much for one run.
    pub(super) is_cut: bool,
    /// Why the fact after them is not.
    pub(super) stopped: Option<Uncomputable>,
    /// What they add to the figures.
    pub(super) deltas: Option<Deltas>,
    /// The sales of which nobody is told.
    pub(super) quiet: HashSet<TransactionId>,
    evaluations: Vec<StoredEvaluation>,
    rewards: Vec<Reward>,
    non_rewards: Vec<NonReward>,
}

impl Outcome {
    /// No fact could be computed, since the first one stops the program.
    pub(super) fn nothing_before(stopped: Uncomputable) -> Self {
        Self { stopped: Some(stopped), ..Self::default() }
    }

    /// Adds the evaluation of a sale, with the facts and the version that it was made from; nothing if it cannot be written.
    pub(super) fn add(
        &mut self,
        sale: &Transaction,
        position: i64,
        (facts, terms, terms_id): (&SaleFacts<PartnerId>, Option<&TermsInForce>, Option<TermsId>),
        evaluation: Evaluation<PartnerId>,
        act: &Act,
    ) -> Result<(), String> {
        let json = |error: serde_json::Error| error.to_string();
        let stored_facts = serde_json::to_value(facts).map_err(json)?;
        match evaluation.outcome {
            rewards::Outcome::NonReward(reason) => self.non_rewards.push(NonReward {
                id: act.ids.next(act.now),
                account_id: sale.account_id,
                program_id: sale.program_id,
                transaction_id: sale.id,
                partner_id: facts.attribution.as_ref().map(|attribution| attribution.partner),
                reason,
                trace: serde_json::to_value(&evaluation.trace).map_err(json)?,
                created_at: act.now,
            }),
            rewards::Outcome::Rewards(earned) => {
                let (terms, terms_id) = terms.zip(terms_id).ok_or("rewards without terms")?;
                let rewards: Result<Vec<Reward>, String> = earned
                    .into_iter()
                    .map(|earned| {
                        let trace = serde_json::to_value(evaluation.trace.of_rule(&earned.rule));
                        let lines = serde_json::to_value(&earned.lines);
                        let written = (lines.map_err(json)?, trace.map_err(json)?);
                        Ok(row(sale, earned, (terms, terms_id), written, act))
                    })
                    .collect();
                let rewards = rewards?;
                if let Some(deltas) = &mut self.deltas {
                    rewards.iter().for_each(|reward| count_reward(deltas, reward, reward.amount));
                }
                self.rewards.extend(rewards);
            }
        }
        self.latest_event_at = self.latest_event_at.max(Some(sale.occurred_at));
        self.evaluations.push(StoredEvaluation {
            id: act.ids.next(act.now),
            account_id: sale.account_id,
            program_id: sale.program_id,
            transaction_id: sale.id,
            partner_id: facts.attribution.as_ref().map(|attribution| attribution.partner),
            position,
            facts: stored_facts,
            terms_id,
            at: act.now,
        });
        Ok(())
    }

    /// Writes everything, then posts the earned amounts, records the events and appends the deltas.
    pub(super) async fn write(&self, conn: &mut AsyncPgConnection, act: &Act) -> diesel::QueryResult<()> {
        if let Some((people, account_id, program_id)) = &self.people {
            people.store(conn, *account_id, *program_id).await?;
        }
        for chunk in self.evaluations.chunks(ROWS_PER_INSERT) {
            diesel::insert_into(evaluations::table)
                .values(chunk)
                .prepared_for(chunk.len())
                .execute(conn)
                .await?;
        }
        for chunk in self.rewards.chunks(ROWS_PER_INSERT) {
            diesel::insert_into(rewards_table::table)
                .values(chunk)
                .prepared_for(chunk.len())
                .execute(conn)
                .await?;
        }
        for chunk in self.non_rewards.chunks(ROWS_PER_INSERT) {
            diesel::insert_into(non_rewards::table)
                .values(chunk)
                .prepared_for(chunk.len())
                .execute(conn)
                .await?;
        }
        let earned = self.rewards.iter().map(|reward| reward.posting(TransferReason::Earned));
        let earned: Vec<_> = earned.collect::<diesel::QueryResult<_>>()?;
        ledger::post(conn, &earned, act).await?;
        let created = |reward: &Reward| {
            let quiet = reward.transaction_id.is_some_and(|sale| self.quiet.contains(&sale));
            reward.event(EventKind::RewardCreated).quiet_after(quiet)
        };
        let created: Vec<_> = self.rewards.iter().map(created).collect();
        events::record(conn, act, &created).await?;
        match &self.deltas {
            Some(deltas) => deltas.append(conn).await,
            None => Ok(()),
        }
    }
}

fn row(
    sale: &Transaction,
    earned: EarnedReward<PartnerId>,
    (terms, terms_id): (&TermsInForce, TermsId),
    (lines, trace): (serde_json::Value, serde_json::Value),
    act: &Act,
) -> Reward {
    Reward {
        id: act.ids.next(act.now),
        account_id: sale.account_id,
        program_id: sale.program_id,
        partner_id: Some(earned.beneficiary),
        beneficiary_customer_id: None,
        customer_id: Some(sale.customer_id),
        transaction_id: Some(sale.id),
        trigger: RewardTrigger::Sale,
        source: sale.id.uuid(),
        terms_id: Some(terms_id),
        rule: Some(earned.rule.to_string()),
        level: earned.level,
        step: None,
        evaluation: 1,
        currency: earned.currency,
        amount: earned.amount,
        net: earned.amount,
        rounding: terms.rounding,
        whole_reversal: false,
        lines: Some(lines),
        of_reward: false,
        trace,
        status: if earned.pending_review { RewardStatus::PendingReview } else { RewardStatus::Held },
        under_review: earned.pending_review,
        hold_until: earned.hold_until,
        released_at: None,
        event_at: sale.occurred_at,
        reason: None,
        created_at: act.now,
        updated_at: act.now,
    }
}

//! What a run has evaluated, to be written at once.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use ids::{AdjustmentId, CustomerId, PartnerId, RewardId, TermsId, TransactionId, TypedId};
use uuid::Uuid;

use super::Uncomputable;
use crate::{
    act::Act,
    adjustments::AdjustmentRefused,
    deltas::Deltas,
    ledger::Owner,
    partners::PartnerPayload,
    programs::Program,
    rewards::{
        self, Effect, Evaluated, Made, NonReward, ReversalCause, Reward, RewardStatus, Source,
        StoredEvaluation,
        count::{count_reward, count_sale},
    },
    transactions::Transaction,
};

/// What is left of a reward, to be posted.
pub(super) struct Net {
    pub(super) reward: RewardId,
    pub(super) net: i64,
    pub(super) cause: ReversalCause,
    pub(super) adjustment: Option<AdjustmentId>,
}

/// What a run has evaluated.
#[derive(Default)]
pub(super) struct Outcome {
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
    /// The rewards of which nobody is told.
    pub(super) quiet: HashSet<RewardId>,
    pub(super) evaluations: Vec<StoredEvaluation>,
    pub(super) rewards: Vec<Reward>,
    pub(super) non_rewards: Vec<NonReward>,
    /// The sources that were evaluated again.
    pub(super) superseded: Vec<Uuid>,
    pub(super) nets: Vec<Net>,
    pub(super) partners: BTreeMap<PartnerId, PartnerPayload>,
    pub(super) customers: BTreeSet<CustomerId>,
    /// Where adjustments were taken from the feed.
    pub(super) taken: Vec<(AdjustmentId, i64)>,
    /// Adjustments with their sales.
    pub(super) joined: Vec<(AdjustmentId, TransactionId)>,
    /// Adjustments that cannot be counted.
    pub(super) refused: Vec<(AdjustmentId, AdjustmentRefused)>,
}

/// What the effects of one fact are noted with.
pub(super) struct Noting<'n> {
    pub(super) program: &'n Program,
    pub(super) terms_ids: &'n BTreeMap<i32, TermsId>,
    pub(super) position: i64,
    pub(super) quiet: bool,
    pub(super) act: &'n Act,
}

impl Outcome {
    /// Notes what a fact did; nothing of it if it cannot be written.
    pub(super) fn note(&mut self, effects: Vec<Effect>, noting: &Noting<'_>) -> Result<(), String> {
        for effect in effects {
            match effect {
                Effect::Evaluated(evaluated) => self.note_evaluated(*evaluated, noting)?,
                Effect::Earned(made) => self.note_made(*made, noting)?,
                Effect::Net { reward, net, cause, adjustment } => {
                    self.nets.push(Net { reward, net, cause, adjustment });
                }
            }
        }
        Ok(())
    }

    fn note_evaluated(&mut self, evaluated: Evaluated, noting: &Noting<'_>) -> Result<(), String> {
        let Evaluated { source, number, partner, facts, terms, evaluation } = evaluated;
        let Noting { program, terms_ids, position, act, .. } = noting;
        let (transaction_id, customer_id) = (sale_of(source), facts.customer.id);
        let source = uuid_of(source);
        if number > 1 {
            self.superseded.push(source);
        }
        if let rewards::Outcome::NonReward(reason) = evaluation.outcome {
            self.non_rewards.push(NonReward {
                id: act.ids.next(act.now),
                account_id: program.account_id,
                program_id: program.id,
                source,
                transaction_id,
                customer_id,
                evaluation: number,
                partner_id: partner,
                reason,
                trace: json(&evaluation.trace)?,
                created_at: act.now,
                superseded_at: None,
            });
        }
        self.latest_event_at = self.latest_event_at.max(Some(facts.occurred_at));
        self.evaluations.push(StoredEvaluation {
            id: act.ids.next(act.now),
            account_id: program.account_id,
            program_id: program.id,
            source,
            transaction_id,
            customer_id,
            number,
            partner_id: partner,
            position: *position,
            day: program.calendar().day(facts.occurred_at),
            is_qualified: evaluation.is_qualified,
            facts: json(&facts)?,
            counters: (!evaluation.counters.is_empty()).then(|| json(&evaluation.counters)).transpose()?,
            terms_id: terms.and_then(|number| terms_ids.get(&number).copied()),
            at: act.now,
        });
        Ok(())
    }

    /// Counts a sale that was evaluated for the first time.
    pub(super) fn count_sale(&mut self, sale: &Transaction, partner: Option<PartnerId>, is_first: bool) {
        if let Some(deltas) = &mut self.deltas {
            count_sale(deltas, sale, partner, is_first);
        }
    }

    fn note_made(&mut self, made: Made, noting: &Noting<'_>) -> Result<(), String> {
        let reward = row(made, noting)?;
        if noting.quiet {
            self.quiet.insert(reward.id);
        }
        if let Some(deltas) = &mut self.deltas {
            count_reward(deltas, &reward, reward.amount);
        }
        self.rewards.push(reward);
        Ok(())
    }
}

fn sale_of(source: Source) -> Option<TransactionId> {
    match source {
        Source::Sale(id) => Some(id),
        Source::SignUp(_) => None,
    }
}

fn uuid_of(source: Source) -> Uuid {
    match source {
        Source::Sale(id) => id.uuid(),
        Source::SignUp(id) => id.uuid(),
    }
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn row(made: Made, noting: &Noting<'_>) -> Result<Reward, String> {
    let Noting { program, terms_ids, act, .. } = noting;
    let (partner_id, beneficiary_customer_id) = match made.beneficiary {
        Owner::Partner(id) => (Some(id), None),
        Owner::Customer(id) => (None, Some(id)),
    };
    Ok(Reward {
        id: made.id,
        account_id: program.account_id,
        program_id: program.id,
        partner_id,
        beneficiary_customer_id,
        customer_id: Some(made.customer),
        transaction_id: sale_of(made.source),
        trigger: made.trigger,
        source: uuid_of(made.source),
        terms_id: Some(*terms_ids.get(&made.terms).ok_or("rewards without terms")?),
        rule: Some(made.rule.to_string()),
        level: made.level.into(),
        step: made.step,
        evaluation: made.number,
        currency: made.currency,
        amount: made.amount,
        net: made.amount,
        rounding: made.rounding,
        whole_reversal: made.is_whole,
        lines: (!made.lines.is_empty()).then(|| json(&made.lines)).transpose()?,
        of_reward: made.of_reward,
        trace: json(&made.trace)?,
        status: if made.pending_review { RewardStatus::PendingReview } else { RewardStatus::Held },
        under_review: made.pending_review,
        hold_until: made.hold_until,
        released_at: None,
        released_net: None,
        event_at: made.event_at,
        reason: None,
        created_at: act.now,
        updated_at: act.now,
    })
}

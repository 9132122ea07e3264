//! What a book is told of the past, instead of having seen it.

use ids::{CustomerId, PartnerId, RewardId, TransactionId};
use money::Threshold;

use super::{AdjustmentFacts, Book, Counted, CustomerState, PartnerState, Policy, RewardState, SaleState};
use crate::{
    ledger::Owner,
    rewards::{Facts, RateFacts, RewardTrigger},
    terms::{RuleId, TermsInForce},
};

impl Book<'_> {
    /// What does not change.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The published versions.
    pub fn versions(&self) -> &[TermsInForce] {
        &self.versions
    }

    /// All counters.
    pub fn counted(&self) -> &Counted {
        &self.counted
    }

    pub(in crate::rewards) fn counted_mut(&mut self) -> &mut Counted {
        &mut self.counted
    }

    pub(in crate::rewards) fn knows_partner(&mut self, id: PartnerId, state: PartnerState) {
        self.partners.insert(id, state);
    }

    pub(in crate::rewards) fn knows_customer(&mut self, id: CustomerId, state: CustomerState) {
        self.customers.insert(id, state);
    }

    pub(in crate::rewards) fn customer_mut(&mut self, id: CustomerId) -> Option<&mut CustomerState> {
        self.customers.get_mut(&id)
    }

    /// A sale that was evaluated, with its adjustments and the ids of its rewards.
    pub(in crate::rewards) fn knows_sale(&mut self, id: TransactionId, key: String, state: SaleState) {
        for joined in &state.adjustments {
            if let Some(chargeback) = &joined.chargeback {
                self.chargebacks.insert(chargeback.clone(), id);
            }
        }
        self.sale_keys.insert(key, id);
        self.sales.insert(id, state);
    }

    /// A sale that waits for a rate, behind those that it is told of before.
    pub(in crate::rewards) fn knows_unrated(&mut self, id: TransactionId, facts: Facts) {
        self.unrated.push(id, facts);
    }

    /// A reward that was made before; a milestone only if it stands.
    pub(in crate::rewards) fn knows_reward(&mut self, id: RewardId, state: RewardState) {
        if let (RewardTrigger::Milestone, Owner::Partner(partner), Some(step)) =
            (state.trigger, state.beneficiary, state.step)
        {
            self.paid_steps.insert((state.rule.clone(), partner, step));
            self.milestones.entry(partner).or_default().push(id);
        }
        self.rewards.insert(id, state);
    }

    /// A step of a milestone that a partner was paid.
    pub(in crate::rewards) fn knows_paid_step(&mut self, step: (RuleId, PartnerId, Threshold)) {
        self.paid_steps.insert(step);
    }

    /// An adjustment that waits for its sale.
    pub(in crate::rewards) fn knows_waiting(&mut self, adjustment: AdjustmentFacts) {
        self.waiting.entry(adjustment.sale_key.clone()).or_default().push(adjustment);
    }

    /// A chargeback that was won.
    pub(in crate::rewards) fn knows_won(&mut self, chargeback: String) {
        self.won.insert(chargeback);
    }

    /// A sale that was evaluated.
    pub(in crate::rewards) fn sale(&self, id: TransactionId) -> Option<&SaleState> {
        self.sales.get(&id)
    }

    /// The sale of that key, if it was evaluated.
    pub(in crate::rewards) fn sale_of(&self, key: &str) -> Option<TransactionId> {
        self.sale_keys.get(key).copied()
    }

    /// The sale of the chargeback of that key, if both are known.
    pub(in crate::rewards) fn sale_of_chargeback(&self, key: &str) -> Option<TransactionId> {
        self.chargebacks.get(key).copied()
    }

    /// The customers of whom a sale counts no more.
    pub(in crate::rewards) fn changed_customers(&self) -> impl Iterator<Item = CustomerId> {
        self.changed_customers.iter().copied()
    }

    /// Whether a sale that waits for a rate was not evaluated with this one.
    pub(in crate::rewards) fn is_news(&self, id: TransactionId, rate: &RateFacts) -> bool {
        self.unrated
            .facts(id)
            .and_then(|facts| facts.sale.as_ref())
            .is_some_and(|sale| sale.rate.as_ref() != Some(rate))
    }

    /// The sales of that currency that wait for a rate, in recorded order.
    pub(in crate::rewards) fn unrated_of(&self, currency: money::Currency) -> Vec<TransactionId> {
        self.unrated.of(currency)
    }
}

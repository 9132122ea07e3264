use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId, RewardId};

use super::{Book, Effect, Source, counted::Weight};
use crate::rewards::{AmountOutOfRange, Facts, RateFacts, ReversalCause};

/// An event of a customer's that was evaluated before they were given to another partner.
#[derive(Debug, Clone)]
pub struct Past {
    /// What it was.
    pub source: Source,
    /// The facts of the evaluation that stands.
    pub facts: Facts,
    /// The number of its terms version.
    pub terms: Option<i32>,
    /// Which evaluation stands.
    pub number: i32,
    /// The rewards that it made.
    pub rewards: Vec<RewardId>,
    /// For whom it counts.
    pub qualified_for: Option<PartnerId>,
}

impl Past {
    /// Whether it goes with the customer to a partner, or away from one: what was recorded before their first attribution was
    /// nobody's, and stays so; and what is nobody's is taken from nobody.
    fn moves(&self, to: Option<PartnerId>) -> bool {
        self.facts.attribution.is_some() || (to.is_some() && self.facts.customer.lost_partner)
    }

    /// Whether it was recorded while the customer was nobody's: then no terms were chosen that a partner could rely on, and it
    /// waited for no rate. Once it was evaluated for a partner, its terms and rate stay.
    pub(in crate::rewards) fn was_nobodys(&self) -> bool {
        self.facts.attribution.is_none() && self.number == 1
    }

    /// Takes the rate that there is by now, since it waited for none while it was nobody's; but for a sale that was evaluated with a
    /// rate for a partner before.
    pub(in crate::rewards) fn rated(&mut self, now: Option<RateFacts>) {
        let was_nobodys = self.was_nobodys();
        let is_nobodys = self.facts.attribution.is_none();
        if let Some(sale) =
            self.facts.sale.as_mut().filter(|sale| was_nobodys || (is_nobodys && sale.rate.is_none()))
        {
            sale.rate = now.or(sale.rate);
        }
    }
}

impl Book<'_> {
    /// What was evaluated of a customer, in recorded order, as far as it is remembered.
    pub(in crate::rewards) fn past_of(&self, id: CustomerId) -> Vec<Past> {
        self.past.get(&id).cloned().unwrap_or_default()
    }

    /// What was evaluated of a customer whose past may be moved.
    pub(in crate::rewards) fn knows_past(&mut self, id: CustomerId, past: Vec<Past>) {
        self.past.insert(id, past);
    }

    /// Notes an evaluation in the place of the one before.
    pub(super) fn remember(
        &mut self,
        source: Source,
        number: i32,
        facts: &Facts,
        (terms, is_qualified): (Option<i32>, bool),
    ) {
        let Some(past) = self.past.get_mut(&facts.customer.id) else { return };
        let partner = facts.attribution.as_ref().map(|attribution| attribution.partner);
        let (facts, qualified_for) = (facts.clone(), partner.filter(|_| is_qualified));
        let new = Past { source, facts, terms, number, rewards: Vec::new(), qualified_for };
        match past.iter_mut().find(|past| past.source == source) {
            Some(before) => *before = new,
            None => past.push(new),
        }
    }

    /// A customer is another partner's, or nobody's. What is past is evaluated again for the new one, in recorded order, with its
    /// index, rate and terms as they were; but for what a payout has a reward of, and for what was before the first partner. What
    /// was nobody's gets its terms now, and a rate if it had none. Where a person rejected a reward, the new ones wait for a person.
    ///
    /// # Errors
    /// When an amount or a time does not fit.
    pub fn reassigned(
        &mut self,
        id: CustomerId,
        (partner, at): (Option<PartnerId>, DateTime<Utc>),
        past: Vec<Past>,
    ) -> Result<Vec<Effect>, AmountOutOfRange> {
        let mut effects = Vec::new();
        let Some(customer) = self.customers.get_mut(&id) else { return Ok(effects) };
        customer.is_of(partner.map(|partner| (partner, at)));
        let past: Vec<Past> = past.into_iter().filter(|past| past.moves(partner)).collect();
        let is_in_payout = |id: &RewardId| self.rewards.get(id).is_some_and(|reward| reward.is_in_payout);
        let mut moved: Vec<Past> =
            past.into_iter().filter(|past| !past.rewards.iter().any(is_in_payout)).collect();
        let is_rejected = |id: &RewardId| self.rewards.get(id).is_some_and(|reward| reward.is_rejected);
        for past in &mut moved {
            past.facts.rejected_before |= past.rewards.iter().any(is_rejected);
        }
        let last = moved.last().map(|past| ((past.source, past.number + 1), past.facts.occurred_at));
        // All of it counts for nobody before any of it is evaluated again.
        for past in &moved {
            for reward in &past.rewards {
                self.set_net(*reward, 0, (ReversalCause::Reassigned, None), &mut effects);
            }
            self.uncount(id, past);
        }
        for past in moved {
            self.evaluate_past(id, past, &mut effects)?;
        }
        if let Some((source, at)) = last {
            self.look_at_milestones(source, (id, at), &mut effects)?;
        }
        Ok(effects)
    }

    fn evaluate_past(
        &mut self,
        id: CustomerId,
        past: Past,
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let Some(customer) = self.customers.get(&id) else { return Ok(()) };
        let partner = customer.attribution.map(|(partner, _)| partner);
        let attribution = customer.attribution.map(|(partner, at)| self.attribution(customer, partner, at));
        let (at, number, was_nobodys) = (past.facts.occurred_at, past.number + 1, past.was_nobodys());
        let mut facts = Facts { attribution, ..past.facts };
        facts.customer.lost_partner = facts.attribution.is_none();
        let rate = facts.sale.as_ref().and_then(|sale| sale.rate);
        let is_qualified = match was_nobodys {
            true => self.evaluate_source(past.source, number, facts, effects)?,
            false => self.evaluate_under(past.terms, (past.source, number), facts, effects)?,
        };
        match past.source {
            Source::Sale(sale) => {
                if let Some(state) = self.sales.get_mut(&sale) {
                    state.evaluations = number;
                    state.rate = rate.map(|rate| rate.rate);
                }
                self.weigh_sale(sale, (partner, is_qualified));
                self.resettle(sale, effects)
            }
            Source::SignUp(_) => {
                if let Some(customer) = self.customers.get_mut(&id) {
                    customer.evaluations = number;
                }
                if let Some(partner) = partner.filter(|_| is_qualified) {
                    self.counted.sign_up(partner, self.policy.calendar.day(at), 1);
                }
                Ok(())
            }
        }
    }

    /// Takes an event off the metrics of the partner for whom it counted, and its rewards off the sale.
    fn uncount(&mut self, id: CustomerId, past: &Past) {
        let day = self.policy.calendar.day(past.facts.occurred_at);
        match past.source {
            Source::SignUp(_) => {
                if let Some(partner) = past.qualified_for {
                    self.counted.sign_up(partner, day, -1);
                }
            }
            Source::Sale(sale) => {
                let Some(sale) = self.sales.get_mut(&sale) else { return };
                sale.rewards.clear();
                let before = std::mem::take(&mut sale.weight);
                if let Some(partner) = past.qualified_for {
                    self.counted.sale((partner, id), day, (&before, &Weight::default()));
                }
            }
        }
    }
}

use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId, TransactionId};
use money::Currency;

use super::{Book, CustomerState, Effect, Evaluated, Made, RewardState, SaleState, Source, counted::Weight};
use crate::{
    rewards::{
        AmountOutOfRange, AttributionFacts, EarnedReward, Facts, NonRewardReason, Outcome, RateFacts,
        RewardTrigger, SaleFacts, evaluate,
    },
    terms::{TermsScope, choose_terms},
    transactions::Line,
};

/// A sale that is recorded.
#[derive(Debug, Clone)]
pub struct NewSale {
    /// Its id.
    pub id: TransactionId,
    /// The caller's name for it.
    pub key: String,
    /// Who bought.
    pub customer: CustomerId,
    /// Its own time.
    pub at: DateTime<Utc>,
    /// Its currency.
    pub currency: Currency,
    /// In minor units.
    pub gross: i64,
    /// In minor units.
    pub net: i64,
    /// The lines; they sum to the net.
    pub lines: Vec<Line>,
    /// False if it is marked as not to be rewarded.
    pub rewardable: bool,
    /// The coupon that was used.
    pub coupon: Option<String>,
    /// The rate to the program's currency at its time.
    pub rate: Option<RateFacts>,
}

impl Book<'_> {
    /// A sale was recorded. Adjustments that were waiting for it are applied right after its evaluation.
    ///
    /// # Errors
    /// When an amount or a time does not fit.
    pub fn sold(&mut self, sale: NewSale) -> Result<Vec<Effect>, AmountOutOfRange> {
        let counts = sale.rewardable && sale.net > 0;
        let customer = self.customers.entry(sale.customer).or_insert_with(|| CustomerState::since(sale.at));
        let index = customer.sales.saturating_add(1);
        if counts {
            customer.counts(sale.id, sale.at);
        }
        let twin = customer.twin(sale.at, sale.currency, sale.gross);
        customer.recent.push((sale.id, sale.at, sale.currency, sale.gross));
        let first_sale_at = customer.first.map(|(_, at)| at);
        let (id, key, buyer, at) = (sale.id, sale.key, sale.customer, sale.at);
        self.sale_keys.insert(key.clone(), id);
        self.sales.insert(
            id,
            SaleState {
                customer: buyer,
                at,
                currency: sale.currency,
                gross: sale.gross,
                net: sale.net,
                nets: sale.lines.iter().map(|line| line.amount).collect(),
                counts,
                is_void: false,
                rate: sale.rate.map(|rate| rate.rate),
                partner: None,
                is_qualified: false,
                evaluations: 1,
                adjustments: Vec::new(),
                rewards: Vec::new(),
                weight: Weight::default(),
            },
        );
        let facts = SaleFacts {
            currency: sale.currency,
            gross: sale.gross,
            net: sale.net,
            lines: sale.lines,
            rewardable: sale.rewardable,
            coupon: sale.coupon,
            rate: sale.rate,
            index,
            first_sale_at,
            twin,
        };
        let facts = self.facts(buyer, at, Some(facts));
        let mut effects = Vec::new();
        self.evaluate_sale(id, 1, facts, &mut effects)?;
        for adjustment in self.waiting.remove(&key).unwrap_or_default() {
            self.join(id, adjustment, &mut effects)?;
        }
        self.look_at_milestones((Source::Sale(id), 1), (buyer, at), &mut effects)?;
        Ok(effects)
    }

    /// A rate was stored that counts for a sale which waits for one: it is evaluated again, with its index and the
    /// partner's status as they were.
    ///
    /// # Errors
    /// When an amount or a time does not fit.
    pub fn rated(&mut self, id: TransactionId, rate: RateFacts) -> Result<Vec<Effect>, AmountOutOfRange> {
        let mut effects = Vec::new();
        let Some(mut facts) = self.unrated.take(id) else { return Ok(effects) };
        let Some(sale) = self.sales.get_mut(&id) else { return Ok(effects) };
        sale.rate = Some(rate.rate);
        sale.evaluations += 1;
        let (number, whose) = (sale.evaluations, (sale.customer, sale.at));
        let attribution = facts.attribution.as_ref().map(|recorded| (recorded.partner, recorded.at));
        if let Some(sale) = &mut facts.sale {
            sale.rate = Some(rate);
        }
        self.evaluate_sale(id, number, facts, &mut effects)?;
        self.resettle(id, &mut effects)?;
        self.look_at_milestones_of(attribution, (Source::Sale(id), number), whose, &mut effects)?;
        Ok(effects)
    }

    pub(super) fn evaluate_sale(
        &mut self,
        id: TransactionId,
        number: i32,
        facts: Facts,
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let partner = facts.attribution.as_ref().map(|attribution| attribution.partner);
        let is_qualified = self.evaluate_source(Source::Sale(id), number, facts, effects)?;
        self.weigh_sale(id, (partner, is_qualified));
        Ok(())
    }

    /// Counts a sale as it was recorded, if it is qualified: what its adjustments take is taken when they are applied.
    pub(super) fn weigh_sale(
        &mut self,
        id: TransactionId,
        (partner, is_qualified): (Option<PartnerId>, bool),
    ) {
        let Some(sale) = self.sales.get_mut(&id) else { return };
        (sale.partner, sale.is_qualified) = (partner, is_qualified);
        let untouched = SaleState { adjustments: Vec::new(), ..sale.clone() };
        let weight = untouched.weigh(&untouched.remainder(), self.policy.currency);
        let before = std::mem::replace(&mut sale.weight, weight.clone());
        if let Some(partner) = sale.qualified_for() {
            let day = self.policy.calendar.day(sale.at);
            self.counted.sale((partner, sale.customer), day, (&before, &weight));
        }
    }

    /// Evaluates under the terms that rewards.md names, and notes what was earned; whether the event is qualified.
    pub(super) fn evaluate_source(
        &mut self,
        source: Source,
        number: i32,
        facts: Facts,
        effects: &mut Vec<Effect>,
    ) -> Result<bool, AmountOutOfRange> {
        let attributed_at = facts.attribution.as_ref().map(|attribution| attribution.at);
        let grandfathering = self.policy.grandfathering;
        let whose = facts.attribution.as_ref().map(whose).unwrap_or_default();
        let terms = choose_terms(&self.versions, whose, grandfathering, facts.occurred_at, attributed_at);
        let terms = terms.map(|terms| terms.number);
        self.evaluate_under(terms, (source, number), facts, effects)
    }

    /// As [`Book::evaluate_source`], under this version.
    pub(super) fn evaluate_under(
        &mut self,
        terms: Option<i32>,
        (source, number): (Source, i32),
        mut facts: Facts,
        effects: &mut Vec<Effect>,
    ) -> Result<bool, AmountOutOfRange> {
        facts.budget_left = self.budget_left();
        let terms = self.versions.iter().find(|version| Some(version.number) == terms);
        let evaluation = evaluate(&facts, terms, &self.counted)?;
        let is_qualified = evaluation.is_qualified;
        let (number_of_terms, rounding) = terms.map(|terms| (terms.number, terms.rounding)).unzip();
        self.note_waiting(source, &facts, &evaluation.outcome);
        let earned = match &evaluation.outcome {
            Outcome::Rewards(earned) => earned.clone(),
            Outcome::NonReward(_) | Outcome::NotAsked => Vec::new(),
        };
        self.remember(source, number, &facts, (number_of_terms, is_qualified));
        let trace = evaluation.trace.clone();
        let (customer, event_at) = (facts.customer.id, facts.occurred_at);
        let partner = facts.attribution.as_ref().map(|attribution| attribution.partner);
        let terms = number_of_terms;
        effects.push(Effect::Evaluated(Box::new(Evaluated {
            source,
            number,
            partner,
            facts,
            terms,
            evaluation,
        })));
        for earned in earned {
            let EarnedReward {
                rule, beneficiary, level, currency, amount, lines, of_reward, is_whole, ..
            } = earned;
            let made = Made {
                id: (self.next_reward)(),
                source,
                number,
                trigger: match source {
                    Source::Sale(_) => RewardTrigger::Sale,
                    Source::SignUp(_) => RewardTrigger::Signup,
                },
                customer,
                trace: trace.of_rule(&rule),
                rule,
                beneficiary,
                level,
                step: None,
                currency,
                amount,
                lines,
                of_reward,
                is_whole,
                rounding: rounding.unwrap_or(money::Rounding::HalfEven),
                terms: terms.unwrap_or_default(),
                event_at,
                hold_until: earned.hold_until,
                pending_review: earned.pending_review,
            };
            self.earned(made, effects);
        }
        Ok(is_qualified)
    }

    /// A sale that was evaluated, once more perhaps, waits for a rate with these facts, or no more.
    fn note_waiting(&mut self, source: Source, facts: &Facts, outcome: &Outcome) {
        let Source::Sale(id) = source else { return };
        match outcome {
            Outcome::NonReward(NonRewardReason::RateMissing) => self.unrated.push(id, facts.clone()),
            _ => _ = self.unrated.take(id),
        }
    }

    /// Notes a reward that was made.
    pub(super) fn earned(&mut self, made: Made, effects: &mut Vec<Effect>) {
        let state = RewardState {
            source: made.source,
            trigger: made.trigger,
            customer: made.customer,
            rule: made.rule.clone(),
            beneficiary: made.beneficiary,
            level: made.level,
            step: made.step,
            currency: made.currency,
            amount: made.amount,
            net: made.amount,
            is_rejected: false,
            is_in_payout: false,
            lines: made.lines.clone(),
            of_reward: made.of_reward,
            is_whole: made.is_whole,
            rounding: made.rounding,
            terms: made.terms,
            day: self.policy.calendar.day(made.event_at),
            hold_until: made.hold_until,
        };
        self.counted.spend(&state, state.amount);
        if let (Source::Sale(sale), None) = (made.source, made.step)
            && let Some(sale) = self.sales.get_mut(&sale)
        {
            sale.rewards.push(made.id);
        }
        if made.step.is_none()
            && let Some(past) = self.past.get_mut(&made.customer)
        {
            past.iter_mut()
                .filter(|past| past.source == made.source)
                .for_each(|past| past.rewards.push(made.id));
        }
        self.rewards.insert(made.id, state);
        effects.push(Effect::Earned(Box::new(made)));
    }

    /// The next reward's id.
    pub(super) fn next_reward(&mut self) -> ids::RewardId {
        (self.next_reward)()
    }

    /// What is left of the budget, if there is one.
    pub(super) fn budget_left(&self) -> Option<i64> {
        self.policy.budget.map(|budget| budget.saturating_sub(self.counted.budget_spent))
    }
}

/// Whose terms count: groups of written histories are no groups of a program, and have none.
fn whose(attribution: &AttributionFacts) -> TermsScope {
    let group = attribution.group.as_deref().and_then(|group| group.parse().ok());
    TermsScope { partner: Some(attribution.partner), group }
}

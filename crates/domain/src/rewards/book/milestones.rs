use chrono::{DateTime, Utc};
use ids::{AdjustmentId, CustomerId, PartnerId};
use money::{Currency, Threshold};

use super::{Book, Effect, Made, RewardState, Source};
use crate::{
    ledger::Owner,
    programs::Grandfathering,
    rewards::{
        AmountOutOfRange, Counters, EventTrace, LineSet, ReachedStep, ReversalCause, RewardTrigger,
        RuleTrace, Span, StepTrace, TermsTrace, Trace, Verdict, reached,
    },
    terms::{Metric, Milestone, Period, Rule, RuleId, TermsInForce, TermsScope, choose_terms},
};

/// A step that was reached and is not paid yet.
struct OpenStep {
    rule: Rule,
    step: Threshold,
    currency: Currency,
    amount: i64,
    metric: Metric,
}

impl Book<'_> {
    /// Pays the steps that the customer's partner has reached, if they are approved. The terms are those at the event's time,
    /// whatever is grandfathered.
    pub(super) fn look_at_milestones(
        &mut self,
        (source, number): (Source, i32),
        (customer, at): (CustomerId, DateTime<Utc>),
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let attribution = self.customers.get(&customer).and_then(|customer| customer.attribution);
        self.look_at_milestones_of(attribution, (source, number), (customer, at), effects)
    }

    /// As [`Book::look_at_milestones`], of the partner whose event it is, who may be the customer's no more.
    pub(super) fn look_at_milestones_of(
        &mut self,
        attribution: Option<(PartnerId, DateTime<Utc>)>,
        (source, number): (Source, i32),
        (customer, at): (CustomerId, DateTime<Utc>),
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let Some((partner, attributed_at)) = attribution else { return Ok(()) };
        let Some((head, steps)) = self.open_steps(partner, at)? else { return Ok(()) };
        let event = EventTrace { occurred_at: at, sale: None, attributed_at: Some(attributed_at) };
        for step in steps {
            self.pay(&step, (source, number, customer, partner), (&event, &head), effects);
        }
        Ok(())
    }

    /// The steps that a partner has reached and not been paid, with the terms of that time; nothing for who is not approved.
    fn open_steps(
        &mut self,
        partner: PartnerId,
        at: DateTime<Utc>,
    ) -> Result<Option<(TermsTrace, Vec<OpenStep>)>, AmountOutOfRange> {
        let Some(state) = self.partners.get(&partner).filter(|partner| partner.is_approved) else {
            return Ok(None);
        };
        let group = state.group.as_deref().and_then(|group| group.parse().ok());
        let whose = TermsScope { partner: Some(partner), group };
        let Some(terms) = choose_terms(&self.versions, whose, Grandfathering::Follow, at, None) else {
            return Ok(None);
        };
        for rule in &terms.rules {
            let Some(every) = rule.milestone.as_ref().and_then(|milestone| milestone.every) else { continue };
            let (counted, paid) = self.paid_multiples.entry((rule.id.clone(), partner)).or_insert((every, 0));
            if *counted != every {
                (*counted, *paid) = (every, 0);
            }
            let is_paid = |step| self.paid_steps.contains(&(rule.id.clone(), partner, step));
            while every.times(*paid + 1).is_some_and(is_paid) {
                *paid += 1;
            }
        }
        let paid =
            |rule: &Rule| self.paid_multiples.get(&(rule.id.clone(), partner)).map_or(0, |(_, paid)| *paid);
        let metric = |milestone: &Milestone| self.lifetime(partner, milestone.metric);
        let is_paid = |rule: &Rule, step| self.paid_steps.contains(&(rule.id.clone(), partner, step));
        let open = |reached: ReachedStep<'_>| {
            let metric = reached.rule.milestone.as_ref()?.metric;
            let ReachedStep { rule, step, currency, amount } = reached;
            Some(OpenStep { rule: rule.clone(), step, currency, amount, metric })
        };
        let steps = reached(terms, self.policy.currency, metric, (paid, is_paid));
        Ok(Some((head(terms, at)?, steps.into_iter().filter_map(open).collect())))
    }

    fn pay(
        &mut self,
        open: &OpenStep,
        (source, number, customer, partner): (Source, i32, CustomerId, PartnerId),
        (event, head): (&EventTrace, &TermsTrace),
        effects: &mut Vec<Effect>,
    ) {
        let OpenStep { rule, step, currency, metric, .. } = open;
        let in_budget = *currency == self.policy.currency;
        let left = self.budget_left().filter(|_| in_budget).map(|left| left.max(0));
        let amount = left.map_or(open.amount, |left| open.amount.min(left));
        if amount == 0 {
            return;
        }
        let reached = self.lifetime(partner, *metric);
        let without_budget = Some(open.amount).filter(|whole| *whole > amount);
        let reached = StepTrace { metric: *metric, reached, step: *step, amount, without_budget };
        let verdict = Verdict::StepReached(reached);
        let rules = vec![RuleTrace {
            rule: rule.id.clone(),
            beneficiary: rule.beneficiary,
            level: 0,
            value: rule.value.clone(),
            base: rule.base,
            of: rule.of,
            verdict,
        }];
        let (terms, reviews, reason) = (Some(head.clone()), Vec::new(), None);
        let trace =
            Trace { event: event.clone(), currency: self.policy.currency, terms, reviews, rules, reason };
        let made = Made {
            id: self.next_reward(),
            source,
            number,
            trigger: RewardTrigger::Milestone,
            customer,
            rule: rule.id.clone(),
            beneficiary: Owner::Partner(partner),
            level: 0,
            step: Some(*step),
            currency: *currency,
            amount,
            lines: LineSet::default(),
            of_reward: false,
            is_whole: false,
            rounding: head.rounding,
            terms: head.number,
            event_at: event.occurred_at,
            hold_until: head.hold_until,
            pending_review: rule.review,
            trace,
        };
        self.paid_steps.insert((rule.id.clone(), partner, *step));
        self.milestones.entry(partner).or_default().push(made.id);
        self.earned(made, effects);
    }

    /// After an adjustment of one of the partner's sales: undoes the milestones whose hold had not ended when it was made and
    /// whose step is above the metric now. The step can be reached again.
    pub(super) fn undo_milestones(
        &mut self,
        partner: PartnerId,
        (adjustment, at): (AdjustmentId, DateTime<Utc>),
        effects: &mut Vec<Effect>,
    ) {
        let Some(standing) = self.milestones.get(&partner).cloned() else { return };
        for id in standing {
            // What a person rejected stays decided: its step is never open again.
            let stands = |reward: &&RewardState| !reward.is_rejected && at < reward.hold_until;
            let Some(reward) = self.rewards.get(&id).filter(stands) else { continue };
            let Some((step, metric)) = reward.step.zip(self.metric_of(reward.terms, &reward.rule)) else {
                continue;
            };
            if step.to_ratio() <= self.lifetime(partner, metric) {
                continue;
            }
            let step_key = (reward.rule.clone(), partner, step);
            self.paid_steps.remove(&step_key);
            self.paid_multiples.remove(&(reward.rule.clone(), partner));
            if let Some(standing) = self.milestones.get_mut(&partner) {
                standing.retain(|standing| *standing != id);
            }
            self.set_net(id, 0, (ReversalCause::Milestone, Some(adjustment)), effects);
        }
    }

    fn lifetime(&self, partner: PartnerId, metric: Metric) -> money::Ratio {
        let day = self.policy.calendar.day(DateTime::UNIX_EPOCH);
        self.counted.metric(partner, metric, Span::around(Period::All, day))
    }

    fn metric_of(&self, terms: i32, rule: &RuleId) -> Option<Metric> {
        let version = self.versions.iter().find(|version| version.number == terms)?;
        let rule = version.rules.iter().find(|written| written.id == *rule)?;
        rule.milestone.as_ref().map(|milestone| milestone.metric)
    }
}

fn head(terms: &TermsInForce, at: DateTime<Utc>) -> Result<TermsTrace, AmountOutOfRange> {
    let (number, rounding, hold_days) = (terms.number, terms.rounding, terms.hold_days);
    let hold_until = terms.end_of_hold(at).ok_or(AmountOutOfRange)?;
    Ok(TermsTrace { number, rounding, hold_days, hold_until })
}

use chrono::{DateTime, Utc};
use ids::{AdjustmentId, CustomerId, PartnerId};

use super::{Book, Effect, Made, Source};
use crate::{
    ledger::Owner,
    programs::Grandfathering,
    rewards::{
        AmountOutOfRange, Counters, EventTrace, LineSet, ReversalCause, RewardTrigger, RuleTrace, Span,
        StepTrace, TermsTrace, Trace, Verdict, reached,
    },
    terms::{Metric, Milestone, Period, RuleId, TermsInForce, TermsScope, choose_terms},
};

impl Book<'_> {
    /// Pays the steps that the customer's partner has reached, if they are approved. The terms are those at the event's time,
    /// whatever is grandfathered.
    pub(super) fn look_at_milestones(
        &mut self,
        source: Source,
        (customer, at): (CustomerId, DateTime<Utc>),
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let attribution = self.customers.get(&customer).and_then(|customer| customer.attribution);
        let Some((partner, attributed_at)) = attribution else { return Ok(()) };
        let Some(state) = self.partners.get(&partner).filter(|partner| partner.is_approved) else {
            return Ok(());
        };
        let group = state.group.as_deref().and_then(|group| group.parse().ok());
        let whose = TermsScope { partner: Some(partner), group };
        let Some(terms) = choose_terms(&self.versions, whose, Grandfathering::Follow, at, None) else {
            return Ok(());
        };
        let metric = |milestone: &Milestone| self.lifetime(partner, milestone.metric);
        let is_paid =
            |rule: &crate::terms::Rule, step| self.paid_steps.contains(&(rule.id.clone(), partner, step));
        let steps: Vec<_> = reached(terms, self.policy.currency, metric, is_paid)
            .into_iter()
            .filter_map(|step| {
                let metric = step.rule.milestone.as_ref()?.metric;
                Some((step.rule.clone(), step.step, step.currency, step.amount, metric))
            })
            .collect();
        let head = head(terms, at)?;
        for (rule, step, currency, amount, metric) in steps {
            let in_budget = currency == self.policy.currency;
            let left = self.budget_left().filter(|_| in_budget).map(|left| left.max(0));
            let amount = left.map_or(amount, |left| amount.min(left));
            if amount == 0 {
                continue;
            }
            let reached = self.lifetime(partner, metric);
            let verdict = Verdict::StepReached(StepTrace { metric, reached, step, amount });
            let event = EventTrace { occurred_at: at, sale: None, attributed_at: Some(attributed_at) };
            let rules = vec![RuleTrace {
                rule: rule.id.clone(),
                beneficiary: rule.beneficiary,
                level: 0,
                value: rule.value.clone(),
                base: rule.base,
                of: rule.of,
                verdict,
            }];
            let (reviews, reason) = (Vec::new(), None);
            let made = Made {
                id: self.next_reward(),
                source,
                number: 1,
                trigger: RewardTrigger::Milestone,
                customer,
                rule: rule.id.clone(),
                beneficiary: Owner::Partner(partner),
                level: 0,
                step: Some(step),
                currency,
                amount,
                lines: LineSet::default(),
                of_reward: false,
                is_whole: false,
                rounding: head.rounding,
                terms: head.number,
                event_at: at,
                hold_until: head.hold_until,
                pending_review: rule.review,
                trace: Trace {
                    event,
                    currency: self.policy.currency,
                    terms: Some(head.clone()),
                    reviews,
                    rules,
                    reason,
                },
            };
            self.paid_steps.insert((rule.id, partner, step));
            self.milestones.entry(partner).or_default().push(made.id);
            self.earned(made, effects);
        }
        Ok(())
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
            let Some(reward) = self.rewards.get(&id) else { continue };
            let Some((step, metric)) = reward.step.zip(self.metric_of(reward.terms, &reward.rule)) else {
                continue;
            };
            if at >= reward.hold_until || step.to_ratio() <= self.lifetime(partner, metric) {
                continue;
            }
            let step_key = (reward.rule.clone(), partner, step);
            self.paid_steps.remove(&step_key);
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

//! From the facts of an event, a version of the terms and what was counted before, to rewards, or to the reason why there
//! are none. Pure: no connection, no clock; the same facts, terms and counters give the same evaluation for ever.

mod amount;
mod applies;
mod counters;
mod explain;
mod facts;
mod gates;
mod line_set;
mod milestones;
mod rules;
mod trace;

use chrono::{DateTime, TimeDelta, Utc};
use counters::Reading;
pub use counters::{CapKey, Counters, Span, StoredCounters, Within};
pub use explain::{View, explain};
pub use facts::{AttributionFacts, CustomerFacts, Facts, RateFacts, SaleFacts, Twin, UplineFacts};
use gates::Passed;
pub use line_set::LineSet;
pub use milestones::{ReachedStep, reached};
use money::Currency;
pub use trace::{
    Applied, CapKind, CapTrace, EventTrace, ReviewReason, RuleTrace, SaleTrace, StepTrace, TermsTrace,
    TierTrace, Trace, Verdict,
};

use super::NonRewardReason;
use crate::{
    ledger::Owner,
    terms::{Of, Reversal, RuleId, TermsInForce, Trigger},
};

/// What an event comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The rewards, or why there are none.
    pub outcome: Outcome,
    /// Whether it passed all gates, and is not under review as self-referred: it counts for metrics and milestones.
    pub is_qualified: bool,
    /// How it came to that; stored with a non-reward, and with each reward as far as it is about its rule.
    pub trace: Trace,
    /// The counters that were asked, with their answers.
    pub counters: StoredCounters,
}

/// The rewards of an event, or the one reason why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// At least one, in the order of the rules.
    Rewards(Vec<EarnedReward>),
    /// Nothing is earned.
    NonReward(NonRewardReason),
    /// A sign-up under terms that reward none.
    NotAsked,
}

/// A reward that a rule makes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarnedReward {
    /// The rule.
    pub rule: RuleId,
    /// Who gets it.
    pub beneficiary: Owner,
    /// How many steps up from the partner: 0 is the partner, or the customer.
    pub level: u8,
    /// The currency or unit.
    pub currency: Currency,
    /// In minor units, above 0.
    pub amount: i64,
    /// The lines of the sale that it was made of.
    pub lines: LineSet,
    /// Whether it was made of the partner's own rewards.
    pub of_reward: bool,
    /// Whether a partial refund leaves it whole.
    pub is_whole: bool,
    /// Until when it is held.
    pub hold_until: DateTime<Utc>,
    /// Whether it begins under review instead of held.
    pub pending_review: bool,
}

/// A sum, an amount or a time does not fit its type: the event cannot be evaluated at all. What is recorded and published
/// never comes to this: amounts are up to 10^13 minor units, a sale has up to 10^6 units, and a rule pays up to 10^6
/// major units for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount or a time of the evaluation is out of range")]
pub struct AmountOutOfRange;

/// Evaluates an event under the version that [`choose_terms`](crate::terms::choose_terms) chose for it.
///
/// # Errors
/// When an amount or the end of the hold does not fit.
pub fn evaluate(
    facts: &Facts,
    terms: Option<&TermsInForce>,
    counters: &dyn Counters,
) -> Result<Evaluation, AmountOutOfRange> {
    let mut trace = begin(facts, terms)?;
    let reading = Reading::new(counters);
    let (outcome, is_qualified) = match gates::pass(facts, terms) {
        Err(reason) => (Outcome::NonReward(reason), false),
        Ok(passed) => {
            trace.reviews = reviews(facts, &passed);
            let (rules, owners): (Vec<_>, Vec<_>) =
                rules::walk(facts, &passed, &reading)?.into_iter().unzip();
            trace.rules = rules;
            let outcome = conclude(&passed, &owners, end_of_hold(facts, passed.terms)?, &trace);
            (outcome, !passed.self_referred && !passed.is_for_customers_alone)
        }
    };
    let asks_sign_ups =
        || terms.is_some_and(|terms| terms.rules.iter().any(|rule| rule.trigger == Trigger::Signup));
    let outcome = match outcome {
        Outcome::NonReward(_) if facts.sale.is_none() && !asks_sign_ups() => Outcome::NotAsked,
        outcome => outcome,
    };
    if let Outcome::NonReward(reason) = outcome {
        trace.reason = Some(reason);
    }
    Ok(Evaluation { outcome, is_qualified, trace, counters: reading.into_read() })
}

fn begin(facts: &Facts, terms: Option<&TermsInForce>) -> Result<Trace, AmountOutOfRange> {
    let sale = facts.sale.as_ref().map(|sale| SaleTrace {
        currency: sale.currency,
        gross: sale.gross,
        net: sale.net,
        rate: match terms {
            Some(terms) => gates::rate(sale, facts, terms),
            None => sale.rate.map(|rate| rate.rate),
        },
        index: facts.index(),
    });
    let attributed_at = facts.attribution.as_ref().map(|attribution| attribution.at);
    let event = EventTrace { occurred_at: facts.occurred_at, sale, attributed_at };
    let terms = terms.map(|terms| {
        let (number, rounding, hold_days) = (terms.number, terms.rounding, terms.hold_days);
        let hold_until = end_of_hold(facts, terms)?;
        Ok(TermsTrace { number, rounding, hold_days, hold_until })
    });
    let terms = terms.transpose()?;
    let currency = facts.program_currency;
    Ok(Trace { event, currency, terms, reviews: Vec::new(), rules: Vec::new(), reason: None })
}

/// When a reward for an event of that time ends to be held.
fn end_of_hold(facts: &Facts, terms: &TermsInForce) -> Result<DateTime<Utc>, AmountOutOfRange> {
    terms.end_of_hold(facts.occurred_at).ok_or(AmountOutOfRange)
}

/// Why a person decides about everything that the event earns.
fn reviews(facts: &Facts, passed: &Passed<'_>) -> Vec<ReviewReason> {
    let mut reviews = Vec::new();
    if passed.self_referred {
        reviews.push(ReviewReason::SelfReferral);
    }
    let twin = facts.sale.as_ref().and_then(|sale| sale.twin);
    if let (Some(twin), Some(minutes)) = (twin, passed.terms.duplicate_sale_minutes) {
        let apart = (facts.occurred_at - twin.occurred_at).abs();
        if apart <= TimeDelta::minutes(minutes.into()) {
            let (transaction, occurred_at) = (twin.transaction, twin.occurred_at);
            reviews.push(ReviewReason::DuplicateSale { transaction, occurred_at });
        }
    }
    if passed.terms.existing_customer_review && facts.customer.since < passed.attribution.at {
        reviews.push(ReviewReason::ExistingCustomer { since: facts.customer.since });
    }
    if facts.rejected_before {
        reviews.push(ReviewReason::RejectedBefore);
    }
    reviews
}

fn conclude(
    passed: &Passed<'_>,
    owners: &[Option<Owner>],
    hold_until: DateTime<Utc>,
    trace: &Trace,
) -> Outcome {
    let applied = || {
        let looked_at = trace.rules.iter().zip(owners);
        looked_at.filter_map(|(rule, owner)| Some((rule, rule.applied()?, (*owner)?)))
    };
    let reward = |(rule, applied, beneficiary): (&RuleTrace, &Applied, Owner)| {
        let written = passed.terms.rules.iter().find(|written| written.id == rule.rule);
        EarnedReward {
            rule: rule.rule.clone(),
            beneficiary,
            level: rule.level,
            currency: applied.currency,
            amount: applied.amount,
            lines: applied.lines.clone(),
            of_reward: rule.of == Of::Reward,
            is_whole: written.is_some_and(|written| written.reversal == Reversal::Whole),
            hold_until,
            pending_review: !trace.reviews.is_empty() || applied.review.is_some(),
        }
    };
    let rewards: Vec<_> = applied().filter(|(_, applied, _)| applied.amount > 0).map(reward).collect();
    if !rewards.is_empty() {
        return Outcome::Rewards(rewards);
    }
    let closed_by = |kind: &dyn Fn(CapKind) -> bool| {
        applied().any(|(_, applied, _)| {
            applied.caps.last().is_some_and(|cap| applied.rounded > 0 && kind(cap.cap))
        })
    };
    Outcome::NonReward(if closed_by(&|cap| cap != CapKind::Budget) {
        NonRewardReason::CapReached
    } else if closed_by(&|cap| cap == CapKind::Budget) {
        NonRewardReason::BudgetSpent
    } else if applied().next().is_some() {
        NonRewardReason::ZeroAmount
    } else if passed.is_for_customers_alone {
        NonRewardReason::PartnerNotApproved
    } else {
        NonRewardReason::NoRuleMatched
    })
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod suspended;
#[cfg(test)]
mod tests;

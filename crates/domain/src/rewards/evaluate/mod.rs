//! From the facts of a sale and a version of the terms to rewards, or to the reason why there are none. Pure: no
//! connection, no clock; the same facts and terms give the same evaluation for ever.

mod explain;
mod facts;
mod gates;
mod line_set;
mod rules;
mod trace;

use chrono::{DateTime, TimeDelta, Utc};
pub use explain::explain;
pub use facts::{AttributionFacts, SaleFacts};
use gates::Passed;
pub use line_set::LineSet;
use money::Currency;
pub use trace::{Applied, RuleTrace, SaleTrace, TermsTrace, Trace, Verdict};

use super::NonRewardReason;
use crate::terms::{RuleId, TermsInForce};

/// What a sale comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation<P> {
    /// The rewards, or why there are none.
    pub outcome: Outcome<P>,
    /// How it came to that; stored with a non-reward, and with each reward as far as it is about its rule.
    pub trace: Trace,
}

/// The rewards of a sale, or the one reason why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<P> {
    /// At least one, in the order of the rules.
    Rewards(Vec<EarnedReward<P>>),
    /// Nothing is earned.
    NonReward(NonRewardReason),
}

/// A reward that a rule makes of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarnedReward<P> {
    /// The rule.
    pub rule: RuleId,
    /// Who gets it.
    pub beneficiary: P,
    /// How many steps up from the partner: 0 is the partner.
    pub level: i32,
    /// The program's currency.
    pub currency: Currency,
    /// In minor units, above 0.
    pub amount: i64,
    /// The lines of the sale that it was made of.
    pub lines: LineSet,
    /// The number of the terms version.
    pub terms: i32,
    /// Until when it is held.
    pub hold_until: DateTime<Utc>,
    /// Whether it begins under review instead of held.
    pub pending_review: bool,
}

/// A sum, an amount or a time does not fit its type: the sale cannot be evaluated at all. What is recorded and published
/// never comes to this: amounts are up to 10^13 minor units, a sale has up to 10^6 units, and a rule pays up to 10^6
/// major units for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount or a time of the evaluation is out of range")]
pub struct AmountOutOfRange;

/// Evaluates a sale under the version that [`choose_terms`](crate::terms::choose_terms) chose for it.
///
/// # Errors
/// When an amount or the end of the hold does not fit.
pub fn evaluate<P: Clone>(
    facts: &SaleFacts<P>,
    terms: Option<&TermsInForce>,
) -> Result<Evaluation<P>, AmountOutOfRange> {
    let mut trace = begin(facts, terms)?;
    let outcome = match gates::pass(facts, terms) {
        Err(reason) => Outcome::NonReward(reason),
        Ok(passed) => {
            trace.under_review = passed.under_review;
            trace.rules = rules::walk(facts, &passed)?;
            conclude(&passed, end_of_hold(facts, passed.terms)?, &trace)
        }
    };
    if let Outcome::NonReward(reason) = outcome {
        trace.reason = Some(reason);
    }
    Ok(Evaluation { outcome, trace })
}

fn begin<P>(facts: &SaleFacts<P>, terms: Option<&TermsInForce>) -> Result<Trace, AmountOutOfRange> {
    let sale = SaleTrace {
        occurred_at: facts.occurred_at,
        currency: facts.currency,
        gross: facts.gross,
        net: facts.net,
        rate: facts.rate,
        attributed_at: facts.attribution.as_ref().map(|attribution| attribution.at),
    };
    let terms = terms.map(|terms| {
        let (number, rounding, hold_days) = (terms.number, terms.rounding, terms.hold_days);
        let hold_until = end_of_hold(facts, terms)?;
        Ok(TermsTrace { number, rounding, hold_days, hold_until })
    });
    let terms = terms.transpose()?;
    let currency = facts.program_currency;
    Ok(Trace { sale, currency, terms, under_review: false, rules: Vec::new(), reason: None })
}

fn end_of_hold<P>(facts: &SaleFacts<P>, terms: &TermsInForce) -> Result<DateTime<Utc>, AmountOutOfRange> {
    let hold = TimeDelta::try_days(terms.hold_days.into()).ok_or(AmountOutOfRange)?;
    facts.occurred_at.checked_add_signed(hold).ok_or(AmountOutOfRange)
}

fn conclude<P: Clone>(passed: &Passed<'_, P>, hold_until: DateTime<Utc>, trace: &Trace) -> Outcome<P> {
    let applied = trace.rules.iter().filter_map(|looked_at| match &looked_at.verdict {
        Verdict::Applied(applied) => Some((looked_at, applied)),
        Verdict::BeforeAttribution | Verdict::NoLinesLeft => None,
    });
    let (paying, nothing): (Vec<_>, Vec<_>) = applied.partition(|(_, applied)| applied.amount > 0);
    if paying.is_empty() {
        let any_applied = !nothing.is_empty();
        let reason = if any_applied { NonRewardReason::ZeroAmount } else { NonRewardReason::NoRuleMatched };
        return Outcome::NonReward(reason);
    }
    let reward = |(looked_at, applied): (&RuleTrace, &Applied)| EarnedReward {
        rule: looked_at.rule.clone(),
        beneficiary: passed.attribution.partner.clone(),
        level: 0,
        currency: trace.currency,
        amount: applied.amount,
        lines: applied.lines.clone(),
        terms: passed.terms.number,
        hold_until,
        pending_review: trace.under_review,
    };
    Outcome::Rewards(paying.into_iter().map(reward).collect())
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

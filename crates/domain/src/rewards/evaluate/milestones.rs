//! Which steps a partner has reached.

use money::{Currency, Ratio, Threshold};

use crate::terms::{Milestone, Rule, TermsInForce, Trigger, Value};

/// The most steps of one rule that one event pays; what is left over is paid with the next. Nobody means that many: a step
/// that is a cent by mistake must not fill the memory.
const MOST_STEPS: usize = 10_000;

/// A step that was reached and is not paid yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedStep<'t> {
    /// The rule.
    pub rule: &'t Rule,
    /// The step.
    pub step: Threshold,
    /// What it is counted in.
    pub currency: Currency,
    /// In minor units; may be 0.
    pub amount: i64,
}

/// The steps at or below the metrics that are not paid yet, in the order of the rules. Of the multiples of `every`, the first
/// `paid` of a rule are known to be paid, so that a partner of many steps is not slow.
pub fn reached<'t>(
    terms: &'t TermsInForce,
    program: Currency,
    metric: impl Fn(&Milestone) -> Ratio,
    (paid, is_paid): (impl Fn(&Rule) -> u32, impl Fn(&Rule, Threshold) -> bool),
) -> Vec<ReachedStep<'t>> {
    let mut found = Vec::new();
    for rule in terms.rules.iter().filter(|rule| rule.trigger == Trigger::Milestone) {
        let Some(milestone) = &rule.milestone else { continue };
        let metric = metric(milestone);
        let open =
            steps(milestone, &metric, paid(rule)).filter(|step| !is_paid(rule, *step)).take(MOST_STEPS);
        let currency = rule.value.currency(program, program);
        let amount = match &rule.value {
            Value::Fixed { amount, .. } | Value::Units { amount, .. } => amount.minor(currency),
            Value::Percent { .. } => 0,
        };
        found.extend(open.map(|step| ReachedStep { rule, step, currency, amount }));
    }
    found
}

fn steps<'m>(
    milestone: &'m Milestone,
    metric: &'m Ratio,
    paid: u32,
) -> Box<dyn Iterator<Item = Threshold> + 'm> {
    let is_reached = |step: &Threshold| step.to_ratio() <= *metric;
    match (&milestone.at, milestone.every) {
        (Some(at), _) => Box::new(at.iter().copied().filter(is_reached)),
        (None, Some(every)) => {
            Box::new((paid + 1..).map_while(move |count| every.times(count)).take_while(is_reached))
        }
        (None, None) => Box::new(std::iter::empty()),
    }
}

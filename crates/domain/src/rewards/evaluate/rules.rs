//! The rules of a version, one after the other, over the lines of a sale: rewards.md, section 4.

use std::{cmp::Reverse, collections::BTreeSet};

use money::{Rate, Ratio};

use super::{
    AmountOutOfRange,
    facts::SaleFacts,
    gates::Passed,
    line_set::LineSet,
    trace::{Applied, RuleTrace, Verdict},
};
use crate::terms::{Base, Beneficiary, Per, Rule, Stacking, Trigger, Value};

/// What each rule makes of the sale, in the order in which rules count: by priority, then as written.
pub(super) fn walk<P>(
    facts: &SaleFacts<P>,
    passed: &Passed<'_, P>,
) -> Result<Vec<RuleTrace>, AmountOutOfRange> {
    let mut rules: Vec<&Rule> =
        passed.terms.rules.iter().filter(|rule| rule.trigger == Trigger::Sale).collect();
    rules.sort_by_key(|rule| Reverse(rule.priority)); // stable: equal priorities keep their order
    let mut taken = TakenLines::default();
    rules
        .into_iter()
        .map(|rule| {
            let verdict = look(rule, facts, passed, &mut taken)?;
            Ok(RuleTrace { rule: rule.id.clone(), value: rule.value.clone(), base: rule.base, verdict })
        })
        .collect()
}

/// The lines that exclusive rules took, for each beneficiary.
type TakenLines = BTreeSet<(Beneficiary, usize)>;

fn look<P>(
    rule: &Rule,
    facts: &SaleFacts<P>,
    passed: &Passed<'_, P>,
    taken: &mut TakenLines,
) -> Result<Verdict, AmountOutOfRange> {
    let start = passed.attribution.at;
    if facts.occurred_at < start {
        return Ok(Verdict::BeforeAttribution);
    }
    let lines = match rule.stacking {
        Stacking::Add => LineSet::first(facts.lines.len()),
        Stacking::Exclusive => take(rule.beneficiary, facts.lines.len(), taken),
    };
    if lines.is_empty() {
        return Ok(Verdict::NoLinesLeft);
    }
    apply(rule, lines, facts, passed).map(Verdict::Applied).ok_or(AmountOutOfRange)
}

fn take(beneficiary: Beneficiary, count: usize, taken: &mut TakenLines) -> LineSet {
    (0..count).filter(|line| taken.insert((beneficiary, *line))).collect()
}

/// The exact amount and its one rounding; nothing if a sum is out of range.
fn apply<P>(rule: &Rule, lines: LineSet, facts: &SaleFacts<P>, passed: &Passed<'_, P>) -> Option<Applied> {
    let seen = || lines.iter().filter_map(|line| facts.lines.get(line));
    let net = seen().try_fold(0_i64, |sum, line| sum.checked_add(line.amount))?;
    let quantity = seen().try_fold(0_i64, |sum, line| sum.checked_add(line.quantity.into()))?;
    let exact = match &rule.value {
        Value::Percent { percent } => {
            let base = match rule.base {
                Base::Net => Ratio::from(net),
                Base::Gross => (Ratio::from(net) * facts.gross.into()).checked_div(&facts.net.into())?,
            };
            base * percent.to_ratio() * minor_rate(facts, passed.rate)?
        }
        Value::Fixed { amount, per } | Value::Units { amount, per, .. } => {
            let times = match per {
                None => 1,
                Some(Per::Unit) => quantity,
            };
            Ratio::from(amount.minor(facts.program_currency)) * times.into()
        }
    };
    let amount = exact.round(passed.terms.rounding)?;
    Some(Applied { lines, net, quantity, exact, amount })
}

/// How many minor units of the program's currency one minor unit of the sale's is worth.
fn minor_rate<P>(facts: &SaleFacts<P>, rate: Rate) -> Option<Ratio> {
    let fineness = Ratio::from(facts.program_currency.minor_per_major());
    (rate.to_ratio() * fineness).checked_div(&facts.currency.minor_per_major().into())
}

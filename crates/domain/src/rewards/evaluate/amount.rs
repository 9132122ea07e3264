//! How much a rule gives: tiers, the exact amount, the one rounding, caps and the budget, in this order.

use money::{Currency, Ratio};

use super::{
    counters::{CapKey, Counters, Span, Within},
    facts::Facts,
    gates::Passed,
    line_set::LineSet,
    trace::{Applied, CapKind, CapTrace, TierTrace},
};
use crate::{
    ledger::Owner,
    terms::{Base, FixedAmount, Metric, Per, Rule, Tiers, Value},
    transactions::Line,
};

/// What a rule is applied to.
pub(super) struct Applying<'a> {
    pub(super) facts: &'a Facts,
    pub(super) passed: &'a Passed<'a>,
    pub(super) counters: &'a dyn Counters,
    /// What the event's rewards so far leave of the budget.
    pub(super) budget_left: Option<i64>,
}

impl Applying<'_> {
    /// The amount for these lines; nothing if a sum is out of range.
    pub(super) fn of_lines(&self, rule: &Rule, lines: LineSet, to: Owner) -> Option<Applied> {
        let all: &[Line] = self.facts.sale.as_ref().map_or(&[], |sale| &sale.lines);
        let seen = || lines.iter().filter_map(|line| all.get(line));
        let net = seen().try_fold(0_i64, |sum, line| sum.checked_add(line.amount))?;
        let quantity = seen().try_fold(0_i64, |sum, line| sum.checked_add(line.quantity.into()))?;
        let tier = match &rule.tiers {
            Some(tiers) => Some(self.tier(tiers, &rule.value)?),
            None => None,
        };
        let value = tier.as_ref().map_or(&rule.value, |tier| &tier.value);
        let currency = self.currency(value);
        let exact = match value {
            Value::Percent { percent } => {
                self.base(rule.base, net)? * percent.to_ratio() * self.minor_rate()?
            }
            Value::Fixed { amount, per } | Value::Units { amount, per, .. } => {
                let times = if *per == Some(Per::Unit) { quantity } else { 1 };
                Ratio::from(amount.minor(currency)) * times.into()
            }
        };
        let applied = Applied { lines, net, quantity, tier, ..self.rounded(exact, currency)? };
        Some(self.capped(rule, to, applied))
    }

    /// The share of the partner's own rewards, which sum to so much.
    pub(super) fn of_rewards(&self, rule: &Rule, sum: i64, to: Owner) -> Option<Applied> {
        let tier = match &rule.tiers {
            Some(tiers) => Some(self.tier(tiers, &rule.value)?),
            None => None,
        };
        let value = tier.as_ref().map_or(&rule.value, |tier| &tier.value);
        let Value::Percent { percent } = value else { return None };
        let exact = Ratio::from(sum) * percent.to_ratio();
        let applied = Applied { net: sum, tier, ..self.rounded(exact, self.passed.of_percentages.0)? };
        Some(self.capped(rule, to, applied))
    }

    /// What a value is counted in.
    fn currency(&self, value: &Value) -> Currency {
        value.currency(self.passed.of_percentages.0, self.facts.program_currency)
    }

    fn rounded(&self, exact: Ratio, currency: Currency) -> Option<Applied> {
        let rounded = exact.round(self.passed.terms.rounding)?;
        let (lines, tier, caps, review) = (LineSet::default(), None, Vec::new(), None);
        Some(Applied {
            lines,
            net: 0,
            quantity: 0,
            tier,
            currency,
            exact,
            rounded,
            caps,
            amount: rounded,
            review,
        })
    }

    fn base(&self, base: Base, net: i64) -> Option<Ratio> {
        let sale = self.facts.sale.as_ref()?;
        match base {
            Base::Net => Some(Ratio::from(net)),
            Base::Gross => (Ratio::from(net) * sale.gross.into()).checked_div(&sale.net.into()),
        }
    }

    /// How many minor units that percentages are counted in one minor unit of the sale's is worth.
    fn minor_rate(&self) -> Option<Ratio> {
        let (currency, rate) = self.passed.of_percentages;
        let sale = self.facts.sale.as_ref()?;
        let fineness = Ratio::from(currency.minor_per_major());
        (rate.to_ratio() * fineness).checked_div(&sale.currency.minor_per_major().into())
    }

    /// The step whose `from` the metric has reached, the highest one.
    fn tier(&self, tiers: &Tiers, otherwise: &Value) -> Option<TierTrace> {
        let span = Span::at(tiers.period, self.facts.calendar, self.facts.occurred_at);
        let reached = match tiers.metric {
            Metric::SaleAmount => self.sale_amount()?,
            metric => self.counters.metric(self.passed.attribution.partner, metric, span),
        };
        let step = tiers.steps.iter().rev().find(|step| step.from.to_ratio() <= reached);
        let (from, value) = step.map_or((None, otherwise), |step| (Some(step.from), &step.value));
        Some(TierTrace { metric: tiers.metric, span, reached, from, value: value.clone() })
    }

    /// The sale's net in major units of the program's currency.
    fn sale_amount(&self) -> Option<Ratio> {
        let sale = self.facts.sale.as_ref()?;
        let rate = self.passed.rate?;
        (Ratio::from(sale.net) * rate.to_ratio()).checked_div(&sale.currency.minor_per_major().into())
    }

    /// Holds the amount down to what is left of each cap, never below zero.
    fn capped(&self, rule: &Rule, to: Owner, mut applied: Applied) -> Applied {
        let currency = applied.currency;
        let key = |within| CapKey { rule: rule.id.clone(), beneficiary: to, within, currency };
        let mut hold = |cap: CapKind, limit: i64, spent: i64| {
            let left = limit.saturating_sub(spent).max(0);
            if left < applied.amount {
                applied.amount = left;
                applied.caps.push(CapTrace { cap, limit, spent, amount: left });
            }
        };
        let minor = |amount: FixedAmount| amount.minor(currency);
        if let Some(cap) = rule.caps.per_transaction {
            hold(CapKind::PerTransaction, minor(cap), 0);
        }
        if let Some(cap) = rule.caps.per_customer {
            let spent = self.counters.spent(&key(Within::Customer(self.facts.customer.id)));
            hold(CapKind::PerCustomer, minor(cap), spent);
        }
        if let Some(cap) = rule.caps.per_partner {
            let span = Span::at(cap.period, self.facts.calendar, self.facts.occurred_at);
            hold(CapKind::PerPartner, minor(cap.amount), self.counters.spent(&key(Within::Span(span))));
        }
        if let Some(left) = self.budget_left.filter(|_| currency == self.facts.program_currency) {
            hold(CapKind::Budget, left.max(0), 0);
        }
        applied
    }
}

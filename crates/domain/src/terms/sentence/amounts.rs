//! Tiers, caps and milestones in words.

use std::collections::BTreeSet;

use money::{Currency, Money, Threshold};

use super::enumerated;
use crate::terms::{
    forms::FixedAmount,
    rule::Rule,
    tiers::{Milestone, Tiers},
    value::Value,
    vocabulary::{Base, Metric, Of, Per, Period, RewardCurrency, Trigger},
};

/// What a program's rewards are counted in.
#[derive(Clone, Copy)]
pub(super) struct Units {
    pub(super) program: Currency,
    pub(super) rewards_in: RewardCurrency,
}

impl Tiers {
    /// "From 3 sales of the partner in the same month on it is 20 % of the net, from 10 on 25 % of the net."
    pub(super) fn sentence(&self, rule: &Rule, currency: Currency) -> String {
        let period = match self.period {
            Period::All => "",
            Period::Day => " in the same day",
            Period::Week => " in the same week",
            Period::Month => " in the same month",
            Period::Year => " in the same year",
        };
        let steps = self.steps.iter().enumerate().map(|(index, step)| {
            let value = short(&step.value, rule, currency);
            match index {
                0 => {
                    let count = self.metric.count(&step.from.to_string(), currency);
                    let whose = if self.metric == Metric::SaleAmount { "" } else { " of the partner" };
                    format!("from {count}{whose}{period} on it is {value}")
                }
                _ => format!("from {} on {value}", step.from),
            }
        });
        let steps = steps.collect::<Vec<_>>().join(", ");
        format!("F{}.", steps.strip_prefix('f').unwrap_or(&steps))
    }
}

impl Milestone {
    /// What it pays for: "reaching 3 and 10 sign-ups, once each".
    pub(super) fn phrase(&self, currency: Currency) -> String {
        match (&self.at, self.every) {
            (Some(at), _) => {
                let steps = enumerated(&at.iter().map(Threshold::to_string).collect::<Vec<_>>());
                let once = if at.len() == 1 { "once" } else { "once each" };
                format!("reaching {}, {once}", self.metric.count(&steps, currency))
            }
            (None, Some(every)) => {
                format!("every {}", self.metric.count(&every.to_string(), currency))
            }
            (None, None) => "nothing".to_owned(),
        }
    }
}

impl Metric {
    /// So much of it.
    fn count(self, number: &str, currency: Currency) -> String {
        match self {
            Self::Signups if number == "1" => "1 sign-up".to_owned(),
            Self::Sales if number == "1" => "1 sale".to_owned(),
            Self::Customers if number == "1" => "1 customer with a sale".to_owned(),
            Self::Signups => format!("{number} sign-ups"),
            Self::Sales => format!("{number} sales"),
            Self::Customers => format!("{number} customers with a sale"),
            Self::Revenue => format!("{number} {currency} of revenue"),
            Self::SaleAmount => format!("a net of {number} {currency}"),
        }
    }
}

/// A step's value in short.
fn short(value: &Value, rule: &Rule, currency: Currency) -> String {
    match value {
        Value::Percent { percent } => match (rule.of, rule.base) {
            (Of::Reward, _) => format!("{percent} %"),
            (Of::Base, Base::Net) => format!("{percent} % of the net"),
            (Of::Base, Base::Gross) => format!("{percent} % of the gross"),
        },
        Value::Fixed { amount, per } | Value::Units { amount, per, .. } => {
            let unit = value.currency(currency, currency);
            let amount = Money::new(amount.minor(unit), unit);
            match per {
                None => amount.to_string(),
                Some(Per::Unit) => format!("{amount} for each unit"),
            }
        }
    }
}

impl Rule {
    /// "At most 50.00 USD for one sale and 150.00 USD in a month."
    pub(super) fn caps_sentence(&self, units: Units) -> Option<String> {
        let event = match self.trigger {
            Trigger::Sale => "sale",
            Trigger::Signup => "sign-up",
            Trigger::Milestone => "step",
        };
        let amount = |cap: FixedAmount| self.cap(cap, units);
        let caps = &self.caps;
        let per_transaction = caps.per_transaction.map(|cap| format!("{} for one {event}", amount(cap)));
        let per_customer = caps.per_customer.map(|cap| format!("{} for one customer", amount(cap)));
        let per_partner = caps.per_partner.map(|cap| {
            let span = match cap.period {
                Period::All => "in all",
                Period::Day => "in a day",
                Period::Week => "in a week",
                Period::Month => "in a month",
                Period::Year => "in a year",
            };
            format!("{} {span}", amount(cap.amount))
        });
        let said: Vec<_> = [per_transaction, per_customer, per_partner].into_iter().flatten().collect();
        (!said.is_empty()).then(|| format!("At most {}.", enumerated(&said)))
    }

    /// A cap in what the rule's values are counted in, if that is one thing.
    fn cap(&self, cap: FixedAmount, units: Units) -> String {
        let steps = self.tiers.iter().flat_map(|tiers| &tiers.steps).map(|step| &step.value);
        let counted = |value: &Value| match (value, units.rewards_in) {
            (Value::Percent { .. }, RewardCurrency::Sale) => None,
            _ => Some(value.currency(units.program, units.program)),
        };
        let counted: BTreeSet<_> = steps.chain([&self.value]).map(counted).collect();
        let mut counted = counted.into_iter();
        match (counted.next(), counted.next()) {
            (Some(Some(currency)), None) => Money::new(cap.minor(currency), currency).to_string(),
            (Some(None), None) => format!("{cap} of the sale's currency"),
            _ => format!("{cap} of the reward's currency or unit"),
        }
    }
}

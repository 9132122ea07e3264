//! A rule in words, as its owner and its partners read it: every field that says something shows.

mod amounts;
mod conditions;
mod timing;

use money::{Currency, Money};

use super::{
    rule::Rule,
    value::Value,
    vocabulary::{Base, Beneficiary, Of, Per, Reversal, RewardCurrency, Stacking, Trigger},
};
use amounts::Units;

impl Rule {
    /// What the rule says, in a program of this currency: "The partner gets 30 % of the net of each sale." What its
    /// percentages are counted in belongs to the version.
    pub fn sentence(&self, currency: Currency, rewards_in: RewardCurrency) -> String {
        let units = Units { program: currency, rewards_in };
        let mut sentences = vec![self.core(currency)];
        sentences.extend(self.tiers.as_ref().map(|tiers| tiers.sentence(self, currency)));
        sentences.extend(self.caps_sentence(units));
        if self.reversal == Reversal::Whole {
            sentences.push("A partial refund takes nothing back.".to_owned());
        }
        if self.priority != 0 {
            sentences.push(format!("Its priority is {}.", self.priority));
        }
        if self.review {
            sentences.push("A person decides about each of its rewards.".to_owned());
        }
        sentences.join(" ")
    }

    fn core(&self, currency: Currency) -> String {
        let who = match (self.beneficiary, self.level) {
            (Beneficiary::Partner, _) => "The partner".to_owned(),
            (Beneficiary::Referred, _) => "The customer".to_owned(),
            (Beneficiary::Upline, 1) => "The partner 1 level up".to_owned(),
            (Beneficiary::Upline, level) => format!("The partner {level} levels up"),
        };
        let what = match (self.of, &self.value) {
            (Of::Reward, Value::Percent { percent }) => format!("{percent} % of what the partner gets for"),
            (_, value) => value.phrase(self.base, currency),
        };
        let when = match (&self.milestone, self.trigger) {
            (Some(milestone), _) => milestone.phrase(currency),
            (None, Trigger::Signup) => "each sign-up".to_owned(),
            (None, _) => "each sale".to_owned(),
        };
        let timing = timing::phrase(self.duration, self.start_after, self.end_after);
        let conditions = conditions::phrase(&self.conditions);
        let beside = match self.stacking {
            Stacking::Exclusive => "",
            Stacking::Add => ", on top of the other rules",
        };
        format!("{who} gets {what} {when}{timing}{conditions}{beside}.")
    }
}

impl Value {
    /// The value up to what it is given for: "30 % of the net of", "5.00 USD for".
    pub(crate) fn phrase(&self, base: Base, currency: Currency) -> String {
        match self {
            Self::Percent { percent } => {
                let base = match base {
                    Base::Net => "net",
                    Base::Gross => "gross",
                };
                format!("{percent} % of the {base} of")
            }
            Self::Fixed { amount, per } | Self::Units { amount, per, .. } => {
                let currency = self.currency(currency, currency);
                let amount = Money::new(amount.minor(currency), currency);
                match per {
                    None => format!("{amount} for"),
                    Some(Per::Unit) => format!("{amount} for each unit of"),
                }
            }
        }
    }
}

/// "a", "a and b", "a, b and c".
fn enumerated(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;

//! A rule in words, as its owner and its partners read it.

use money::{Currency, Money};

use super::{
    rule::Rule,
    value::Value,
    vocabulary::{Base, Beneficiary, Per, Stacking, Trigger},
};

impl Rule {
    /// What the rule says: "The partner gets 30 % of the net of each sale."
    pub fn sentence(&self, currency: Currency) -> String {
        let who = match self.beneficiary {
            Beneficiary::Partner => "The partner",
            Beneficiary::Referred => "The customer",
            Beneficiary::Upline => "The upline",
        };
        let what = self.value.phrase(self.base, currency);
        let when = match self.trigger {
            Trigger::Sale => "each sale",
            Trigger::Signup => "each sign-up",
            Trigger::Milestone => "each step",
        };
        let beside = match self.stacking {
            Stacking::Exclusive => "",
            Stacking::Add => ", on top of the other rules",
        };
        format!("{who} gets {what} {when}{beside}.")
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
            Self::Units { unit, amount, .. } => format!("{amount} {unit} for"),
            Self::Fixed { amount, per } => {
                let amount = Money::new(amount.minor(currency), currency);
                match per {
                    None => format!("{amount} for"),
                    Some(Per::Unit) => format!("{amount} for each unit of"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::terms::parse_rules;

    #[test]
    fn rules_in_words() {
        let percent = json!({"type": "PERCENT", "percent": "12.50"});
        let fixed = json!({"type": "FIXED", "amount": "5.009"});
        let per_unit = json!({"type": "FIXED", "amount": "5", "per": "UNIT"});
        let table = [
            (&percent, "NET", "EXCLUSIVE", "The partner gets 12.5 % of the net of each sale."),
            (&percent, "GROSS", "EXCLUSIVE", "The partner gets 12.5 % of the gross of each sale."),
            (&fixed, "NET", "ADD", "The partner gets 5.00 USD for each sale, on top of the other rules."),
            (&per_unit, "NET", "EXCLUSIVE", "The partner gets 5.00 USD for each unit of each sale."),
        ];
        for (value, base, stacking, sentence) in table {
            let rules = json!([{"id": "a", "trigger": "SALE", "beneficiary": "PARTNER",
                "value": value, "base": base, "stacking": stacking}]);
            assert_eq!(parse_rules(&rules).unwrap()[0].sentence(Currency::USD), sentence);
        }
    }
}

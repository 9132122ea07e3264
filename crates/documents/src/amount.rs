//! Money as papers write it.

use money::Money;
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// An amount whose JSON is `{"amount": "1234.50", "currency": "EUR"}`: a decimal text, exact in every reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut amount = serializer.serialize_struct("Amount", 2)?;
        amount.serialize_field("amount", &self.plain())?;
        amount.serialize_field("currency", &self.0.currency())?;
        amount.end()
    }
}

impl Amount {
    /// The amount in major units without its currency, for machines: `-1234.50`.
    pub fn plain(self) -> String {
        self.0.to_decimal().to_string()
    }

    /// The amount in major units without its currency, for people: `-1,234.50`.
    pub fn grouped(self) -> String {
        let plain = self.plain();
        let (sign, number) = plain.strip_prefix('-').map_or(("", plain.as_str()), |number| ("-", number));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let groups: Vec<_> = whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
        let dot = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{}{dot}{fraction}", groups.join(","))
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self(money)
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    #[test]
    fn amounts_for_people_and_for_machines() {
        for (minor, currency, grouped, plain) in [
            (0, Currency::EUR, "0.00", "0.00"),
            (123_456_789, Currency::EUR, "1,234,567.89", "1234567.89"),
            (-100_000, Currency::USD, "-1,000.00", "-1000.00"),
            (-5, Currency::USD, "-0.05", "-0.05"),
            (999, Currency::JPY, "999", "999"),
            (1_000, Currency::JPY, "1,000", "1000"),
            (1_234_567, Currency::KWD, "1,234.567", "1234.567"),
            (i64::MIN, Currency::JPY, "-9,223,372,036,854,775,808", "-9223372036854775808"),
        ] {
            let amount = Amount(Money::new(minor, currency));
            assert_eq!((amount.grouped().as_str(), amount.plain().as_str()), (grouped, plain));
        }
    }
}

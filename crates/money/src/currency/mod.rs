//! Which currencies exist, and how fine each one is.

mod list;

pub use list::Currency;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// A text that is not the code of a currency in the list: codes are three capital letters, `usd` is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ISO 4217 currency code")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// The currency with this code.
    pub fn parse(code: &str) -> Result<Self, UnknownCurrency> {
        match Self::LIST.binary_search_by(|currency| currency.as_str().cmp(code)) {
            Ok(found) => Ok(Self::LIST[found]),
            Err(_) => Err(UnknownCurrency(code.to_owned())),
        }
    }

    /// How many minor units make one major unit: 100 for USD, 1 for JPY.
    pub const fn minor_per_major(self) -> i64 {
        10_i64.pow(self.digits())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::parse(code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_by_code() {
        assert!(Currency::LIST.is_sorted_by(|a, b| a.as_str() < b.as_str()));
        assert_eq!(Currency::LIST.len(), 165);
    }

    #[test]
    fn every_code_parses_to_itself() {
        for currency in Currency::LIST {
            assert_eq!(Currency::parse(currency.as_str()), Ok(*currency));
            assert_eq!(serde_json::to_value(currency).unwrap(), currency.as_str());
        }
    }

    #[test]
    fn digits_follow_the_standard() {
        let cases = [("USD", 2, 100), ("JPY", 0, 1), ("KWD", 3, 1_000), ("CLF", 4, 10_000), ("XOF", 0, 1)];
        for (code, digits, minor_per_major) in cases {
            let currency = Currency::parse(code).unwrap();
            assert_eq!((currency.digits(), currency.minor_per_major()), (digits, minor_per_major), "{code}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "usd", "US", "USDT", "XXX", "HRK", " USD", "points"] {
            assert_eq!(Currency::parse(text), Err(UnknownCurrency(text.to_owned())));
        }
        assert!(serde_json::from_str::<Currency>("\"usd\"").is_err());
    }
}

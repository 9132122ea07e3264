//! Which currencies exist, and how fine each one is.

mod list;
mod unit;

pub use list::Currency;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};
pub use unit::{NotAUnitName, UnitName};

/// A text that is not the code of a currency in the list: codes are three capital letters, `usd` is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ISO 4217 currency code")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// The currency of ISO 4217 with this code; units are none.
    ///
    /// # Errors
    /// [`UnknownCurrency`].
    pub fn parse(code: &str) -> Result<Self, UnknownCurrency> {
        match Self::LIST.binary_search_by(|currency| currency.as_str().cmp(code)) {
            Ok(found) => Ok(Self::LIST[found]),
            Err(_) => Err(UnknownCurrency(code.to_owned())),
        }
    }

    /// Whether it is a unit of a program's own, and no money.
    pub const fn is_unit(self) -> bool {
        matches!(self, Self::Unit(_))
    }

    /// How many minor units make one major unit: 100 for USD, 1 for JPY and for units.
    pub const fn minor_per_major(self) -> i64 {
        10_i64.pow(self.digits())
    }
}

/// Reads what [`Currency::as_str`] writes: a code, or the name of a unit.
impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).or_else(|unknown| text.parse().map(Self::Unit).map_err(|_| unknown))
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
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
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

    #[test]
    fn a_unit_is_read_where_amounts_are_kept_and_is_no_code() {
        let points: Currency = serde_json::from_str("\"points\"").unwrap();
        assert_eq!((points.as_str(), points.digits(), points.minor_per_major()), ("points", 0, 1));
        assert!(points.is_unit() && !Currency::USD.is_unit() && Currency::ZWG < points);
        assert_eq!(serde_json::to_value(points).unwrap(), "points");
        assert!(Currency::parse("points").is_err());
    }
}

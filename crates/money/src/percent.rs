//! Exact percentages, exchange rates and thresholds.

use crate::{NotADecimal, Ratio, parse_decimal};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

macro_rules! exact_decimal {
    ($name:ident) => {
        impl $name {
            /// The number as it was given, without zeros at the end.
            pub const fn to_decimal(self) -> Decimal {
                self.0
            }
        }

        impl TryFrom<Decimal> for $name {
            type Error = OutOfBounds;

            fn try_from(decimal: Decimal) -> Result<Self, Self::Error> {
                Self::new(decimal)
            }
        }

        impl FromStr for $name {
            type Err = BadNumber;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::new(parse_decimal(text)?)?)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        /// From a decimal text; a JSON number is refused, it may have been a float.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

/// A percentage, exactly: 12.5 is 12.5 %. From 0 to 1000: a first payment may earn more than itself, but ten times
/// the sale is a slip of the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Numeric))]
pub struct Percent(Decimal);

/// How many units of one currency are given for one unit of another, both in major units, exactly. Above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Numeric))]
pub struct Rate(Decimal);

/// What a count, or an amount in major units, is measured against, exactly. From 0 to 1,000,000,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Numeric))]
pub struct Threshold(Decimal);

/// A number outside of what its kind allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{number} is not {bounds}")]
pub struct OutOfBounds {
    /// What was given.
    pub number: Decimal,
    /// What is allowed, in words.
    pub bounds: &'static str,
}

/// Why a text is no percentage, rate or threshold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    /// It is no plain decimal number.
    #[error(transparent)]
    NotADecimal(#[from] NotADecimal),
    /// It is one, but too small or too large.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
}

impl Percent {
    /// The percentage, if it is from 0 to 1000.
    pub fn new(percent: Decimal) -> Result<Self, OutOfBounds> {
        if percent < Decimal::ZERO || percent > Decimal::ONE_THOUSAND {
            return Err(OutOfBounds { number: percent, bounds: "from 0 to 1000" });
        }
        Ok(Self(percent.normalize()))
    }

    /// What an amount is multiplied by: 12.5 % is 1/8.
    pub fn to_ratio(self) -> Ratio {
        Ratio::from_decimal(self.0) * Ratio::from_decimal(Decimal::new(1, 2))
    }
}

impl Rate {
    /// How many significant digits a derived rate has.
    pub const DIGITS: u32 = 18;

    /// The rate nearest to the fraction, rounded to [`Rate::DIGITS`] significant digits, half to even; nothing if it is not above
    /// 0, or beyond what a decimal of 28 places holds.
    pub fn nearest(ratio: &Ratio) -> Option<Self> {
        Self::new(ratio.to_significant(Self::DIGITS)?).ok()
    }

    /// 1: between a currency and itself.
    pub const ONE: Self = Self(Decimal::ONE);

    /// The most that one unit of a currency is worth in another: far above what any is, and far below what amounts could not bear.
    const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

    /// The rate, if it is above 0 and at most 1,000,000,000.
    pub fn new(rate: Decimal) -> Result<Self, OutOfBounds> {
        if rate <= Decimal::ZERO || rate > Self::MOST {
            return Err(OutOfBounds { number: rate, bounds: "above 0, at most 1,000,000,000" });
        }
        Ok(Self(rate.normalize()))
    }

    /// What an amount in major units is multiplied by.
    pub fn to_ratio(self) -> Ratio {
        Ratio::from_decimal(self.0)
    }
}

impl Threshold {
    const MOST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

    /// The threshold, if it is from 0 to 1,000,000,000,000.
    pub fn new(threshold: Decimal) -> Result<Self, OutOfBounds> {
        if threshold < Decimal::ZERO || threshold > Self::MOST {
            return Err(OutOfBounds { number: threshold, bounds: "from 0 to 1000000000000" });
        }
        Ok(Self(threshold.normalize()))
    }

    /// The number that is measured against it.
    pub fn to_ratio(self) -> Ratio {
        Ratio::from_decimal(self.0)
    }

    /// This step of a series that counts by the threshold, the first being the threshold itself; nothing beyond the most.
    pub fn times(self, count: u32) -> Option<Self> {
        self.0.checked_mul(count.into()).and_then(|product| Self::new(product).ok())
    }
}

exact_decimal!(Percent);
exact_decimal!(Rate);
exact_decimal!(Threshold);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentages_are_exact() {
        for (text, fraction) in [("30", "3/10"), ("12.50", "1/8"), ("33.333", "33333/100000"), ("0", "0/1")] {
            assert_eq!(text.parse::<Percent>().unwrap().to_ratio().to_string(), fraction);
        }
    }

    #[test]
    fn derived_rates_have_eighteen_digits() {
        let nearest = |numer: i64, denom: i64| {
            let ratio = Ratio::from(numer).checked_div(&Ratio::from(denom)).unwrap();
            Rate::nearest(&ratio).map(|rate| rate.to_string())
        };
        for (numer, denom, rate) in [
            (1, 3, "0.333333333333333333"),
            (2, 3, "0.666666666666666667"),
            (10, 3, "3.33333333333333333"),
            (1, 19_000, "0.0000526315789473684211"),
            (5, 4, "1.25"),
            (1_000_000_000_000_000_005, 10_000_000_000, "100000000"),
            (1_000_000_000_000_000_015, 10_000_000_000, "100000000.000000002"),
            (2_999_999_999_999_999_999, 30_000_000_000, "100000000"),
        ] {
            assert_eq!(nearest(numer, denom).as_deref(), Some(rate), "{numer}/{denom}");
        }
        assert_eq!(nearest(0, 1), None);
        assert_eq!(nearest(1_000_000_001, 1), None, "nothing is worth so much");
        assert_eq!(nearest(-1, 3), None);
        assert_eq!(nearest(1, i64::MAX), None, "finer than a decimal");
    }

    proptest! {
        /// Off by at most half of the last of eighteen digits.
        #[test]
        fn a_derived_rate_is_the_nearest(numer in 1_i64..1_000_000_000, denom in 1_i64..1_000_000_000) {
            let ratio = Ratio::from(numer).checked_div(&Ratio::from(denom)).unwrap();
            let rate = Rate::nearest(&ratio).unwrap();
            prop_assert!(rate.to_decimal().mantissa().abs() <= 10_i128.pow(18));
            let off = rate.to_ratio() - ratio.clone();
            let off = if off.is_negative() { Ratio::zero() - off } else { off };
            let share = off.checked_div(&ratio).unwrap();
            let most = Ratio::from(1).checked_div(&Ratio::from(200_000_000_000_000_000)).unwrap();
            prop_assert!(share <= most);
        }
    }

    #[test]
    fn bounds_are_kept() {
        for text in ["0", "1000", "1000.00"] {
            assert!(text.parse::<Percent>().is_ok(), "{text}");
        }
        for text in ["-0.1", "1000.1", "ten", ""] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        assert!("0".parse::<Rate>().is_err());
        for text in ["-1", "1000000000000.01", "", "many"] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
        for (text, shown) in [("0", "0"), ("2.50", "2.5"), ("1000000000000", "1000000000000")] {
            assert_eq!(text.parse::<Threshold>().unwrap().to_string(), shown);
        }
        assert_eq!("300".parse::<Threshold>().unwrap().times(3).unwrap().to_string(), "900");
        assert_eq!("500000000000".parse::<Threshold>().unwrap().times(3), None);
        assert_eq!("1.0".parse(), Ok(Rate::ONE));
    }

    #[test]
    fn json_is_a_decimal_text_and_never_a_number() {
        let percent: Percent = serde_json::from_str("\"7.250\"").unwrap();
        assert_eq!(serde_json::to_string(&percent).unwrap(), "\"7.25\"");
        assert!(serde_json::from_str::<Percent>("7.25").is_err());
    }
}

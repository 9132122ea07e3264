//! The texts of a rule that have a form: ids, amounts.

use std::{fmt, str::FromStr, sync::Arc};

use money::{Currency, Ratio, Rounding, parse_decimal};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A [`money::Threshold`] in words.
pub(super) const THRESHOLD_FORM: &str = "a decimal text from \"0\" to \"1000000000000\"";

/// A rule's id: 1 to 64 ASCII letters, digits, `-`, `_` and `.`. Every reward in memory has one of a few: they are shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

/// An amount of a FIXED or UNITS value or of a cap, exactly, in major units: from 0 to 1,000,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FixedAmount(Decimal);

/// A text that is not of the form in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct NotOfForm(pub &'static str);

impl RuleId {
    pub(super) const FORM: &'static str = "1 to 64 letters, digits, hyphens, underscores or dots";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RuleId {
    type Err = NotOfForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.into()));
        }
        Err(NotOfForm(Self::FORM))
    }
}

impl FixedAmount {
    pub(super) const FORM: &'static str = "a decimal text from \"0\" to \"1000000000\"";
    pub(super) const PER_UNIT_FORM: &'static str =
        "a decimal text from \"0\" to \"1000000\", as it is paid per unit";
    const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
    /// Times the most units of a sale it is about what the highest percentage gives of the largest sale, 10^14 cents: many
    /// thousands of such rewards fit a balance of 64 bits, and no sale that can be recorded stops its program.
    const MOST_PER_UNIT: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

    /// Whether it may be paid for each unit of a sale.
    pub(super) fn fits_per_unit(self) -> bool {
        self.0 <= Self::MOST_PER_UNIT
    }

    /// The amount itself.
    pub fn to_decimal(self) -> Decimal {
        self.0
    }

    /// The amount in minor units of the currency, cut down to them if it is finer.
    pub fn minor(self, currency: Currency) -> i64 {
        let exact = Ratio::from_decimal(self.0) * Ratio::from(currency.minor_per_major());
        // At most 10^9 major units of at most 10^4 minor ones.
        exact.round(Rounding::Down).unwrap_or(i64::MAX)
    }
}

impl FromStr for FixedAmount {
    type Err = NotOfForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parse_decimal(text) {
            Ok(amount) if amount >= Decimal::ZERO && amount <= Self::MOST => Ok(Self(amount)),
            _ => Err(NotOfForm(Self::FORM)),
        }
    }
}

macro_rules! as_text {
    ($name:ident) => {
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

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

as_text!(RuleId);
as_text!(FixedAmount);

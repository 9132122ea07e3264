//! The four ways in which an exact amount becomes a whole number of minor units.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How a rational is rounded to an integer. Chosen by the terms, applied once per reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Text))]
pub enum Rounding {
    /// To the nearest; a half goes to the even neighbour.
    HalfEven,
    /// To the nearest; a half goes away from zero.
    HalfUp,
    /// Away from zero.
    Up,
    /// Toward zero.
    Down,
}

/// A text that names no rounding mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a rounding mode: HALF_EVEN, HALF_UP, UP or DOWN")]
pub struct UnknownRounding(pub String);

impl Rounding {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::HalfEven, Self::HalfUp, Self::Up, Self::Down];

    /// The name, as it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HalfEven => "HALF_EVEN",
            Self::HalfUp => "HALF_UP",
            Self::Up => "UP",
            Self::Down => "DOWN",
        }
    }
}

impl FromStr for Rounding {
    type Err = UnknownRounding;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|mode| mode.as_str() == name);
        named.ok_or_else(|| UnknownRounding(name.to_owned()))
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_everywhere() {
        for mode in Rounding::ALL {
            assert_eq!(mode.as_str().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
        }
        assert!("half_even".parse::<Rounding>().is_err());
    }
}

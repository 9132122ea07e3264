use money::{Currency, Percent, UnitName};
use serde::{Deserialize, Serialize};

use super::{
    forms::FixedAmount,
    vocabulary::{Per, ValueType},
};

/// How much a rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum Value {
    /// A percentage of the rule's lines, or `of: REWARD` of the partner's own rewards.
    Percent {
        /// The percentage.
        percent: Percent,
    },
    /// An amount in the program's currency.
    Fixed {
        /// The amount, in major units.
        amount: FixedAmount,
        /// What it is paid for; once for the event when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per: Option<Per>,
    },
    /// So many of a unit of the program's own: points, credits, months.
    Units {
        /// The unit.
        unit: UnitName,
        /// How many; what is finer than one is cut off.
        amount: FixedAmount,
        /// What they are given for; once for the event when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per: Option<Per>,
    },
}

impl Value {
    /// Its kind.
    pub fn kind(&self) -> ValueType {
        match self {
            Self::Percent { .. } => ValueType::Percent,
            Self::Fixed { .. } => ValueType::Fixed,
            Self::Units { .. } => ValueType::Units,
        }
    }

    /// What it is counted in: a percentage in the currency of percentages, an amount in the program's, units in theirs.
    pub fn currency(&self, of_percentages: Currency, program: Currency) -> Currency {
        match self {
            Self::Percent { .. } => of_percentages,
            Self::Fixed { .. } => program,
            Self::Units { unit, .. } => Currency::Unit(*unit),
        }
    }
}

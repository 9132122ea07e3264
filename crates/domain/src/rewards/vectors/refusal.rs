//! Why a history cannot be evaluated.

use money::MoneyError;

use crate::{rewards::AmountOutOfRange, terms::RuleProblem};

/// What stands in the way.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The line is no history of the format.
    #[error("not a history: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A version's rules cannot be used.
    #[error("terms {number}: {}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rules {
        /// The version.
        number: i32,
        /// All that is wrong with them.
        problems: Vec<RuleProblem>,
    },
    /// An event names something that no earlier line of the history defines.
    #[error("there is no {kind} {id:?}")]
    Unknown {
        /// Partner or customer.
        kind: &'static str,
        /// Its name.
        id: String,
    },
    /// An amount is none in its currency.
    #[error(transparent)]
    Amount(#[from] MoneyError),
    /// A sum is out of range.
    #[error(transparent)]
    OutOfRange(#[from] AmountOutOfRange),
}

use serde::{Deserialize, Serialize};

use super::vocabulary::{DurationStart, DurationType};

/// For how long a rule gives. Never before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum Duration {
    /// As long as the customer buys.
    Lifetime {
        /// From when.
        #[serde(default)]
        from: DurationStart,
    },
    /// The customer's first sales that count, whoever was attributed.
    Count {
        /// How many, at least 1.
        n: u32,
        /// From when.
        #[serde(default)]
        from: DurationStart,
    },
    /// So many times 24 hours.
    Days {
        /// How many, at least 1.
        n: u32,
        /// From when.
        #[serde(default)]
        from: DurationStart,
    },
    /// Until the same local time so many months later, in the program's time zone, the day cut to the month's last.
    Months {
        /// How many, at least 1.
        n: u32,
        /// From when.
        #[serde(default)]
        from: DurationStart,
    },
    /// As so many times twelve months.
    Years {
        /// How many, at least 1.
        n: u32,
        /// From when.
        #[serde(default)]
        from: DurationStart,
    },
}

impl Duration {
    /// Its kind.
    pub fn kind(self) -> DurationType {
        match self {
            Self::Lifetime { .. } => DurationType::Lifetime,
            Self::Count { .. } => DurationType::Count,
            Self::Days { .. } => DurationType::Days,
            Self::Months { .. } => DurationType::Months,
            Self::Years { .. } => DurationType::Years,
        }
    }

    /// How many of it; nothing for a lifetime.
    pub fn n(self) -> Option<u32> {
        match self {
            Self::Lifetime { .. } => None,
            Self::Count { n, .. } | Self::Days { n, .. } | Self::Months { n, .. } | Self::Years { n, .. } => {
                Some(n)
            }
        }
    }

    /// From when it counts.
    pub fn from(self) -> DurationStart {
        match self {
            Self::Lifetime { from }
            | Self::Count { from, .. }
            | Self::Days { from, .. }
            | Self::Months { from, .. }
            | Self::Years { from, .. } => from,
        }
    }
}

impl Default for Duration {
    fn default() -> Self {
        Self::Lifetime { from: DurationStart::Attribution }
    }
}

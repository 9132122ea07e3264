use async_graphql::Enum;
use domain::{calendar::Calendar, stats::Grain};

/// What is counted or added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::stats::Metric")]
pub enum Metric {
    /// Partners who came in to be decided on. Needs PARTNERS_READ.
    Applications,
    /// Partners who were approved. Needs PARTNERS_READ.
    Partners,
    /// Customers who were created; of a partner, who were attributed to it. Needs CUSTOMERS_READ.
    Signups,
    /// Customers who bought for the first time. Needs CUSTOMERS_READ.
    PayingCustomers,
    /// Sales. Needs TRANSACTIONS_READ.
    Sales,
    /// The net of the sales, an amount for each currency. Needs TRANSACTIONS_READ.
    Revenue,
    /// Rewards that were earned and not rejected, an amount for each currency. Needs REWARDS_READ.
    Rewards,
}

/// How long the parts of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Interval {
    /// An hour of the program's time zone, for at most 31 days.
    Hour,
    /// A date.
    Day,
    /// An ISO week, from Monday on.
    Week,
    /// A calendar month.
    Month,
}

/// What figures are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Dimension {
    /// By partner: what customers brought who are attributed to one. Needs PARTNERS_READ.
    Partner,
    /// By currency of the amounts.
    Currency,
}

impl Interval {
    /// Hours are those of the calendar.
    pub(super) fn grain(self, calendar: Calendar) -> Grain {
        match self {
            Self::Hour => Grain::Hour(calendar),
            Self::Day => Grain::Day,
            Self::Week => Grain::Week,
            Self::Month => Grain::Month,
        }
    }
}

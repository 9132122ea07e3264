use std::ops::AddAssign;

/// So much more of each figure; less where it is negative. Amounts are minor units of the delta's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// Partners who came in to be decided on.
    pub applications: i64,
    /// Partners who were approved.
    pub partners: i64,
    /// Customers who were created; of a partner, who were attributed to it.
    pub signups: i64,
    /// Customers whose first sale that counts was evaluated.
    pub paying_customers: i64,
    /// Sales that were recorded; of a partner, those of its customers that were evaluated.
    pub sales: i64,
    /// Net of these sales.
    pub revenue: i64,
    /// Rewards that were earned and not rejected.
    pub rewards: i64,
}

impl Added {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Added {
    fn add_assign(&mut self, other: Self) {
        self.applications += other.applications;
        self.partners += other.partners;
        self.signups += other.signups;
        self.paying_customers += other.paying_customers;
        self.sales += other.sales;
        self.revenue += other.revenue;
        self.rewards += other.rewards;
    }
}

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use money::{Currency, Money};

/// The figures of some days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Partners who came in to be decided on.
    pub applications: i64,
    /// Partners who were approved.
    pub partners: i64,
    /// Customers who were created; of a partner, who were attributed to it.
    pub signups: i64,
    /// Customers who bought for the first time.
    pub paying_customers: i64,
    /// Sales in all currencies.
    pub sales: i64,
    by_currency: BTreeMap<Currency, Amounts>,
}

/// What there is of one currency, in minor units; sums beyond 64 bits stop there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    /// The currency.
    pub currency: Currency,
    /// How many sales.
    pub sales: i64,
    /// Their net.
    pub revenue: i64,
    /// Rewards that were earned and not rejected.
    pub rewards: i64,
}

/// Sums as a statement finds them, of one currency.
#[derive(Debug, QueryableByName)]
pub(super) struct Sums {
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    applications: i64,
    #[diesel(sql_type = BigInt)]
    partners: i64,
    #[diesel(sql_type = BigInt)]
    signups: i64,
    #[diesel(sql_type = BigInt)]
    paying_customers: i64,
    #[diesel(sql_type = BigInt)]
    sales: i64,
    #[diesel(sql_type = BigInt)]
    revenue: i64,
    #[diesel(sql_type = BigInt)]
    rewards: i64,
}

impl Figures {
    /// Each currency that occurs, by code.
    pub fn by_currency(&self) -> impl Iterator<Item = &Amounts> {
        self.by_currency.values()
    }

    /// What there is of this currency.
    pub fn amounts(&self, currency: Currency) -> Option<&Amounts> {
        self.by_currency.get(&currency)
    }

    /// Net of the sales, in each currency that something was sold in.
    pub fn revenue(&self) -> Vec<Money> {
        let sold = self.by_currency().filter(|amounts| amounts.sales != 0 || amounts.revenue != 0);
        sold.map(|amounts| Money::new(amounts.revenue, amounts.currency)).collect()
    }

    /// Rewards, in each currency that something was earned in.
    pub fn rewards(&self) -> Vec<Money> {
        let earned = self.by_currency().filter(|amounts| amounts.rewards != 0);
        earned.map(|amounts| Money::new(amounts.rewards, amounts.currency)).collect()
    }

    pub(super) fn add(&mut self, sums: &Sums) {
        self.applications = self.applications.saturating_add(sums.applications);
        self.partners = self.partners.saturating_add(sums.partners);
        self.signups = self.signups.saturating_add(sums.signups);
        self.paying_customers = self.paying_customers.saturating_add(sums.paying_customers);
        self.sales = self.sales.saturating_add(sums.sales);
        if (sums.sales, sums.revenue, sums.rewards) == (0, 0, 0) {
            return;
        }
        let nothing = Amounts { currency: sums.currency, sales: 0, revenue: 0, rewards: 0 };
        let amounts = self.by_currency.entry(sums.currency).or_insert(nothing);
        amounts.sales = amounts.sales.saturating_add(sums.sales);
        amounts.revenue = amounts.revenue.saturating_add(sums.revenue);
        amounts.rewards = amounts.rewards.saturating_add(sums.rewards);
    }
}

use async_graphql::{Object, SimpleObject};
use domain::stats::{Amounts, Figures, Metric, growth};
use rust_decimal::Decimal;

use crate::graphql::{
    guard::{Needs, Permission, needs},
    scalars::CurrencyCode,
};

/// By how many percent figures of a partner grew, to two decimals; negative when they shrank, null when there was nothing
/// before.
pub struct PartnerGrowth {
    pub(super) before: Figures,
    pub(super) now: Figures,
}

/// By how many percent figures of programs grew, to two decimals; negative when they shrank, null when there was nothing
/// before.
pub struct ProgramGrowth(pub(super) PartnerGrowth);

/// By how many percent an amount grew.
#[derive(SimpleObject)]
pub struct MoneyGrowth {
    /// The currency of the amount.
    currency: CurrencyCode,
    /// To two decimals; negative when it shrank, null when there was nothing before.
    percent: Option<Decimal>,
}

impl PartnerGrowth {
    fn of(&self, metric: Metric) -> Option<Decimal> {
        growth(metric.value(&self.now, None), metric.value(&self.before, None))
    }

    /// For each currency that occurs before or now.
    fn of_each(&self, metric: Metric) -> Vec<MoneyGrowth> {
        let currencies = self.before.by_currency().chain(self.now.by_currency());
        let mut currencies: Vec<_> = currencies.map(|Amounts { currency, .. }| *currency).collect();
        currencies.sort_unstable();
        currencies.dedup();
        let change = |currency: money::Currency| MoneyGrowth {
            currency: CurrencyCode(currency),
            percent: growth(
                metric.value(&self.now, Some(currency)),
                metric.value(&self.before, Some(currency)),
            ),
        };
        currencies.into_iter().map(change).collect()
    }
}

/// By how many percent figures of a partner grew, to two decimals; negative when they shrank, null when there was nothing
/// before.
#[Object]
impl PartnerGrowth {
    /// Of the sign-ups.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn signups(&self) -> Option<Decimal> {
        self.of(Metric::Signups)
    }

    /// Of the paying customers.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn paying_customers(&self) -> Option<Decimal> {
        self.of(Metric::PayingCustomers)
    }

    /// Of the number of sales.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn sales(&self) -> Option<Decimal> {
        self.of(Metric::Sales)
    }

    /// Of the revenue, for each currency that occurs, by code.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn revenue(&self) -> Vec<MoneyGrowth> {
        self.of_each(Metric::Revenue)
    }

    /// Of the rewards, for each currency that occurs, by code.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn rewards(&self) -> Vec<MoneyGrowth> {
        self.of_each(Metric::Rewards)
    }
}

/// By how many percent figures of programs grew, to two decimals; negative when they shrank, null when there was nothing
/// before.
#[Object]
impl ProgramGrowth {
    /// Of the applications.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn applications(&self) -> Option<Decimal> {
        self.0.of(Metric::Applications)
    }

    /// Of the partners who were approved.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partners(&self) -> Option<Decimal> {
        self.0.of(Metric::Partners)
    }

    #[graphql(flatten)]
    async fn shared(&self) -> &PartnerGrowth {
        &self.0
    }
}

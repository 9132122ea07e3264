use super::Figures;
use crate::text_enum;
use money::Currency;

text_enum! {
    /// What is counted or added up.
    Metric {
        /// Partners who came in to be decided on.
        Applications = "APPLICATIONS",
        /// Partners who were approved.
        Partners = "PARTNERS",
        /// Customers who were created; of a partner, who were attributed to it.
        Signups = "SIGNUPS",
        /// Customers who bought for the first time.
        PayingCustomers = "PAYING_CUSTOMERS",
        /// Sales.
        Sales = "SALES",
        /// Their net.
        Revenue = "REVENUE",
        /// Rewards that were earned and not rejected.
        Rewards = "REWARDS",
    }
}

impl Metric {
    /// Whether it is an amount, and of a currency.
    pub fn is_money(self) -> bool {
        matches!(self, Self::Revenue | Self::Rewards)
    }

    /// Whether partners have it; the others are of the program as a whole.
    pub fn is_of_partners(self) -> bool {
        !matches!(self, Self::Applications | Self::Partners)
    }

    /// Its value in these figures: of the currency for amounts, over all currencies for the rest.
    pub fn value(self, figures: &Figures, currency: Option<Currency>) -> i64 {
        let amounts = currency.and_then(|currency| figures.amounts(currency));
        match self {
            Self::Applications => figures.applications,
            Self::Partners => figures.partners,
            Self::Signups => figures.signups,
            Self::PayingCustomers => figures.paying_customers,
            Self::Sales => figures.sales,
            Self::Revenue => amounts.map_or(0, |amounts| amounts.revenue),
            Self::Rewards => amounts.map_or(0, |amounts| amounts.rewards),
        }
    }
}

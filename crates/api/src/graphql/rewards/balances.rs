use async_graphql::SimpleObject;
use ids::{CustomerId, PartnerId};

use crate::graphql::{
    loading::load_lists,
    scalars::{CurrencyCode, Money},
};

load_lists!(
    /// What a partner has, per currency.
    BalancesOfPartner(PartnerId) => Balance of domain::ledger::Balance::of_partners, by partner_id
);
load_lists!(
    /// What a customer has, per currency.
    BalancesOfCustomer(CustomerId) => Balance of domain::ledger::Balance::of_customers, by customer_id
);

/// What a partner or a customer has in one currency or unit: four buckets of one ledger.
#[derive(Clone, SimpleObject)]
pub struct Balance {
    /// The currency or unit of the four amounts.
    currency: CurrencyCode,
    /// Earned, and not yet available: held or under review.
    held: Money,
    /// What a payout or a redemption may take now. Negative is debt, carried forward.
    available: Money,
    /// In a payout that is under way.
    reserved: Money,
    /// Paid out or redeemed.
    paid: Money,
}

impl From<domain::ledger::Balance> for Balance {
    fn from(balance: domain::ledger::Balance) -> Self {
        let money = |minor| money::Money::new(minor, balance.currency).into();
        Self {
            currency: CurrencyCode(balance.currency),
            held: money(balance.held),
            available: money(balance.available),
            reserved: money(balance.reserved),
            paid: money(balance.paid),
        }
    }
}

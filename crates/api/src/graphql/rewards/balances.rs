use async_graphql::SimpleObject;
use ids::PartnerId;

use crate::graphql::{
    loading::load_lists,
    scalars::{CurrencyCode, Money},
};

load_lists!(
    /// What a partner has, per currency.
    BalancesOf(PartnerId) => PartnerBalance of domain::ledger::PartnerBalance::of, by partner_id
);

/// What a partner has in one currency: four buckets of one ledger.
#[derive(Clone, SimpleObject)]
pub struct PartnerBalance {
    /// The currency of the four amounts.
    currency: CurrencyCode,
    /// Earned, and not yet to be paid: held or under review.
    held: Money,
    /// What a payout may take now. Negative is debt, carried forward.
    available: Money,
    /// In a payout that is under way.
    reserved: Money,
    /// Paid.
    paid: Money,
}

impl From<domain::ledger::PartnerBalance> for PartnerBalance {
    fn from(balance: domain::ledger::PartnerBalance) -> Self {
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

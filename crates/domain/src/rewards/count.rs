//! What sales and rewards add to the figures once they are evaluated, on the sale's own day.

use ids::PartnerId;

use super::Reward;
use crate::{
    deltas::{Added, Deltas},
    transactions::Transaction,
};

/// Adds an evaluated sale: to its partner's figures, and to the customers who pay if it is the customer's first that counts.
pub(super) fn count_sale(
    deltas: &mut Deltas,
    sale: &Transaction,
    partner_id: Option<PartnerId>,
    is_first: bool,
) {
    let paying_customers = i64::from(is_first);
    let (at, currency) = (sale.occurred_at, sale.currency);
    deltas.of_program(at, currency, Added { paying_customers, ..Added::default() });
    if let Some(partner_id) = partner_id {
        let added = Added { sales: 1, revenue: sale.net, paying_customers, ..Added::default() };
        deltas.of_partner(partner_id, at, currency, added);
    }
}

/// Adds so much of a reward's currency; what is taken back comes off again. A customer has no figures of their own.
pub(super) fn count_reward(deltas: &mut Deltas, reward: &Reward, amount: i64) {
    let added = Added { rewards: amount, ..Added::default() };
    deltas.of_program(reward.event_at, reward.currency, added);
    if let Some(partner_id) = reward.partner_id {
        deltas.of_partner(partner_id, reward.event_at, reward.currency, added);
    }
}

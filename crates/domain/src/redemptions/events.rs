use ids::{CustomerId, PartnerId, RedemptionId};
use money::Currency;
use serde::{Deserialize, Serialize};

use super::Redemption;
use crate::events::{EventKind, NewEvent};

/// The payload of `balance.redeemed`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedemptionPayload {
    /// The redemption.
    pub redemption_id: RedemptionId,
    /// Who redeemed, if a partner did.
    pub partner_id: Option<PartnerId>,
    /// Who redeemed, if a customer did.
    pub customer_id: Option<CustomerId>,
    /// In minor units.
    pub amount: i64,
    /// What it left available, in minor units.
    pub available_after: i64,
    /// The currency or unit of both amounts.
    pub currency: Currency,
}

impl Redemption {
    pub(super) fn event(&self) -> NewEvent {
        let payload = RedemptionPayload {
            redemption_id: self.id,
            partner_id: self.partner_id,
            customer_id: self.customer_id,
            amount: self.amount,
            available_after: self.available_after,
            currency: self.currency,
        };
        NewEvent::of_program(self.account_id, self.program_id, EventKind::BalanceRedeemed, self.id, &payload)
    }
}

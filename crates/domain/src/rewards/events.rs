use ids::{CustomerId, PartnerId, RewardId, TransactionId};
use money::Currency;
use serde::{Deserialize, Serialize};

use super::Reward;
use crate::events::{EventKind, NewEvent};

/// The payload of every `reward.*` event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RewardPayload {
    /// The reward.
    pub reward_id: RewardId,
    /// Who gets it, if a partner does.
    pub partner_id: Option<PartnerId>,
    /// Who gets it, if a customer does.
    pub beneficiary_customer_id: Option<CustomerId>,
    /// The sale, if it was made of one.
    pub transaction_id: Option<TransactionId>,
    /// In minor units.
    pub amount: i64,
    /// What is left of it now, in minor units.
    pub net: i64,
    /// The currency or unit of both amounts.
    pub currency: Currency,
}

impl Reward {
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = RewardPayload {
            reward_id: self.id,
            partner_id: self.partner_id,
            beneficiary_customer_id: self.beneficiary_customer_id,
            transaction_id: self.transaction_id,
            amount: self.amount,
            net: self.net,
            currency: self.currency,
        };
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, &payload)
    }
}

use ids::{PartnerId, RewardId, TransactionId};
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
    /// Who earned it.
    pub partner_id: PartnerId,
    /// The sale.
    pub transaction_id: TransactionId,
    /// In minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

impl Reward {
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = RewardPayload {
            reward_id: self.id,
            partner_id: self.partner_id,
            transaction_id: self.transaction_id,
            amount: self.amount,
            currency: self.currency,
        };
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, &payload)
    }
}

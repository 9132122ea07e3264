use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use domain::payouts::{Payout, PayoutItem};
use ids::{PartnerId, PayoutBatchId, PayoutId, RewardId, TypedId};
use uuid::Uuid;

use crate::graphql::{
    context::Loader,
    error::ApiError,
    loading::{load_counts, load_pages},
};

load_pages!(
    /// The key of a page of a partner's payouts, the newest first.
    PayoutsOfPartner(PartnerId, PayoutId) => Payout of Payout::of_partners, by partner_id
);
load_counts!(
    /// The key of how many payouts a partner has.
    PayoutCountOf(PartnerId) => Payout::count_of_partners
);
load_pages!(
    /// The key of a page of a batch's payouts, the newest first.
    PayoutsOfBatch(PayoutBatchId, PayoutId) => Payout of Payout::of_batches, by batch_id
);
load_pages!(
    /// The key of a page of a payout's items, the oldest first.
    ItemsOf(PayoutId, Uuid) => PayoutItem of PayoutItem::of_payouts, by payout_id
);

/// The key of the payout that a reward is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PayoutOf(pub RewardId);

impl BatchLoader<PayoutOf> for Loader {
    type Value = PayoutId;
    type Error = ApiError;

    async fn load(&self, keys: &[PayoutOf]) -> Result<HashMap<PayoutOf, PayoutId>, ApiError> {
        let rewards: Vec<RewardId> = keys.iter().map(|key| key.0).collect();
        let found = PayoutItem::payouts_of(&mut *self.db.get().await?, &self.scope, &rewards).await?;
        Ok(found
            .into_iter()
            .map(|(reward, payout)| (PayoutOf(RewardId::from_uuid(reward)), payout))
            .collect())
    }
}

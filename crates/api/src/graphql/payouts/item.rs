use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::payouts::ItemKind;
use ids::{ReversalId, RewardId, TypedId};
use money::Currency;

use super::enums::PayoutItemKind;
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    rewards::Reward,
    scalars::Money,
};

/// What a payout pays, or takes off.
#[derive(Clone)]
pub struct PayoutItem {
    item: domain::payouts::PayoutItem,
    currency: Currency,
}

/// An item with the currency, which is its payout's.
pub struct Priced(pub domain::payouts::PayoutItem, pub Currency);

impl From<Priced> for PayoutItem {
    fn from(Priced(item, currency): Priced) -> Self {
        Self { item, currency }
    }
}

/// What a payout pays, or takes off.
#[Object]
impl PayoutItem {
    /// What it is.
    async fn kind(&self) -> PayoutItemKind {
        self.item.kind.into()
    }

    /// The id of the reward, `rwd_...`, or of the reversal, `rvs_...`
    async fn source_id(&self) -> ID {
        match self.item.kind {
            ItemKind::Reward => RewardId::from_uuid(self.item.source).into(),
            ItemKind::Reversal => ReversalId::from_uuid(self.item.source).into(),
        }
    }

    /// The reward; null of a reversal.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn reward(&self, ctx: &Context<'_>) -> Result<Option<Reward>, ApiError> {
        match self.item.kind {
            ItemKind::Reward => Request::loader(ctx)?.load_one(RewardId::from_uuid(self.item.source)).await,
            ItemKind::Reversal => Ok(None),
        }
    }

    /// How much; below 0 it takes off.
    async fn amount(&self) -> Money {
        money::Money::new(self.item.amount, self.currency).into()
    }

    /// When the payout let it go, because it was not made; null while it holds it.
    async fn released_at(&self) -> Option<DateTime<Utc>> {
        self.item.released_at
    }
}

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use ids::RewardId;

use super::enums::{ReversalCause, ReversalKind};
use crate::graphql::{loading::load_lists, scalars::Money};

load_lists!(
    /// What became of a reward after it was made.
    ReversalsOf(RewardId) => StoredReversal of domain::rewards::Reversal::of_rewards, by reward_id
);

/// A row without the currency, which is the reward's.
#[derive(Clone)]
pub struct StoredReversal(domain::rewards::Reversal);

impl From<domain::rewards::Reversal> for StoredReversal {
    fn from(reversal: domain::rewards::Reversal) -> Self {
        Self(reversal)
    }
}

impl StoredReversal {
    /// As a change of a reward of this currency.
    pub(super) fn in_currency(self, currency: money::Currency) -> Reversal {
        Reversal { reversal: self.0, currency }
    }
}

/// A change of what is left of a reward. It is never changed itself.
pub struct Reversal {
    reversal: domain::rewards::Reversal,
    currency: money::Currency,
}

/// A change of what is left of a reward. It is never changed itself.
#[Object]
impl Reversal {
    /// `rvs_...`
    async fn id(&self) -> ID {
        self.reversal.id.into()
    }

    /// In which direction.
    async fn kind(&self) -> ReversalKind {
        self.reversal.kind.into()
    }

    /// By how much, above 0.
    async fn amount(&self) -> Money {
        money::Money::new(self.reversal.amount, self.currency).into()
    }

    /// Why.
    async fn cause(&self) -> ReversalCause {
        self.reversal.cause.into()
    }

    /// Whether the reward had been released before: then the amount was taken from what is available, which may have become
    /// debt, or was added to it. Otherwise held was changed.
    async fn after_release(&self) -> bool {
        self.reversal.after_release
    }

    /// When.
    async fn created_at(&self) -> DateTime<Utc> {
        self.reversal.created_at
    }
}

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PayoutId, RewardId, TypedId};
use uuid::Uuid;

use super::Payout;
use crate::{schema::payout_items, scope::AccountScope, text_enum};

text_enum! {
    /// What an item is.
    ItemKind {
        /// A reward, by what was left of it at its release.
        Reward = "REWARD",
        /// What was taken back of a reward after its release, or given back.
        Reversal = "REVERSAL",
    }
}

/// What a payout pays, or takes off.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = payout_items)]
pub struct PayoutItem {
    /// The tenant.
    pub account_id: AccountId,
    /// The payout.
    pub payout_id: PayoutId,
    /// The id of the reward or the reversal.
    pub source: Uuid,
    /// Which of the two it is.
    pub kind: ItemKind,
    /// In minor units of the payout's currency; below 0 it takes off.
    pub amount: i64,
    /// When the payout let it go, because it was not made.
    pub released_at: Option<DateTime<Utc>>,
}

impl PayoutItem {
    /// The live payouts of these rewards.
    ///
    /// # Errors
    /// The database's.
    pub async fn payouts_of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        rewards: &[RewardId],
    ) -> QueryResult<Vec<(Uuid, PayoutId)>> {
        let sources: Vec<Uuid> = rewards.iter().map(|id| id.uuid()).collect();
        payout_items::table
            .filter(payout_items::account_id.eq(scope.account_id))
            .filter(payout_items::source.eq_any(sources))
            .filter(payout_items::released_at.is_null())
            .select((payout_items::source, payout_items::payout_id))
            .load(conn)
            .await
    }
}

impl Payout {
    /// Which of these rewards it does not have.
    pub(super) async fn not_among_items(
        &self,
        conn: &mut AsyncPgConnection,
        rewards: &[RewardId],
    ) -> QueryResult<Vec<RewardId>> {
        if rewards.is_empty() {
            return Ok(Vec::new());
        }
        let sources: Vec<Uuid> = rewards.iter().map(|id| id.uuid()).collect();
        let found: Vec<Uuid> = payout_items::table
            .filter(payout_items::account_id.eq(self.account_id))
            .filter(payout_items::payout_id.eq(self.id))
            .filter(payout_items::source.eq_any(sources))
            .select(payout_items::source)
            .load(conn)
            .await?;
        Ok(rewards.iter().copied().filter(|id| !found.contains(&id.uuid())).collect())
    }
}

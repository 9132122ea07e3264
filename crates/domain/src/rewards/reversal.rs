use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, AdjustmentId, PartnerId, ProgramId, ReversalId, RewardId};

use crate::{schema::reversals, scope::AccountScope, text_enum};

text_enum! {
    /// In which direction what is left of a reward changed.
    ReversalKind {
        /// Some or all of it was taken back.
        Reversal = "REVERSAL",
        /// Some or all of what was taken back was given back.
        Restoration = "RESTORATION",
    }
}

text_enum! {
    /// Why what is left of a reward changed.
    ReversalCause {
        /// A refund of the sale.
        Refund = "REFUND",
        /// A chargeback of the sale.
        Chargeback = "CHARGEBACK",
        /// A chargeback that was won.
        ChargebackWon = "CHARGEBACK_WON",
        /// The sale was declared void.
        Void = "VOID",
        /// The metric is below the milestone's step again.
        Milestone = "MILESTONE",
        /// The customer was given to another partner, and past rewards with them.
        Reassigned = "REASSIGNED",
    }
}

/// A change of what is left of a reward: a row of its own, never a reward, and never changed (M9).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reversals)]
pub struct Reversal {
    /// Its id.
    pub id: ReversalId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The reward.
    pub reward_id: RewardId,
    /// Whose reward it is, if a partner's.
    pub partner_id: Option<PartnerId>,
    /// The adjustment that caused it, if one did.
    pub adjustment_id: Option<AdjustmentId>,
    /// In which direction.
    pub kind: ReversalKind,
    /// By how much, in minor units of the reward's currency, above 0.
    pub amount: i64,
    /// Why.
    pub cause: ReversalCause,
    /// Whether the reward had been released: then what was available paid for it, or got it.
    pub after_release: bool,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl Reversal {
    /// What became of these rewards after they were made, in the order in which it happened.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_rewards(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        rewards: &[RewardId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = reversals::table
            .filter(reversals::account_id.eq(scope.account_id))
            .filter(reversals::reward_id.eq_any(rewards))
            .order(reversals::id)
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }
}

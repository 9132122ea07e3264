use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{
    AccountId, CustomerId, EvaluationId, NonRewardId, PartnerId, ProgramId, RewardId, TermsId, TransactionId,
};
use money::{Currency, Money, Rounding};

use super::{NonRewardReason, Trace};
use crate::{
    schema::{evaluations, non_rewards, rewards},
    text_enum,
};

text_enum! {
    /// Where a reward stands: a projection of what happened to it.
    RewardStatus {
        /// Waits for a person's decision.
        PendingReview = "PENDING_REVIEW",
        /// Waits for its hold to end.
        Held = "HELD",
        /// May be paid out.
        Available = "AVAILABLE",
        /// In a payout that is under way.
        Reserved = "RESERVED",
        /// Paid.
        Paid = "PAID",
        /// Rejected by a person before its release.
        Rejected = "REJECTED",
        /// Taken back as a whole.
        Reversed = "REVERSED",
    }
}

/// A reward. Amount, terms, rounding and trace never change (M9).
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = rewards)]
pub struct Reward {
    /// Its id.
    pub id: RewardId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Who earned it.
    pub partner_id: PartnerId,
    /// Whose sale it was.
    pub customer_id: CustomerId,
    /// The sale.
    pub transaction_id: TransactionId,
    /// The version of the terms.
    pub terms_id: TermsId,
    /// The id of the rule, the same through all versions.
    pub rule: String,
    /// How many steps up from the attributed partner; 0 is that partner.
    pub level: i32,
    /// The program's currency.
    pub currency: Currency,
    /// In minor units, above 0.
    pub amount: i64,
    /// How it was rounded.
    pub rounding: Rounding,
    /// How it came to the amount: a [`Trace`].
    pub trace: serde_json::Value,
    /// Where it stands.
    pub status: RewardStatus,
    /// Until when it is held.
    pub hold_until: DateTime<Utc>,
    /// When its hold ended.
    pub released_at: Option<DateTime<Utc>>,
    /// The sale's own time.
    pub event_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its state last changed.
    pub updated_at: DateTime<Utc>,
}

/// Why a sale earned nothing.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = non_rewards)]
pub struct NonReward {
    /// Its id.
    pub id: NonRewardId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The sale.
    pub transaction_id: TransactionId,
    /// The attributed partner, if there is one.
    pub partner_id: Option<PartnerId>,
    /// The reason.
    pub reason: NonRewardReason,
    /// How it came to that: a [`Trace`].
    pub trace: serde_json::Value,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
}

/// What one evaluation used: enough to make it again (V2).
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = evaluations)]
pub struct StoredEvaluation {
    /// Its id.
    pub id: EvaluationId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The sale.
    pub transaction_id: TransactionId,
    /// Whose customer the buyer was.
    pub partner_id: Option<PartnerId>,
    /// The place of the sale's event in the feed.
    pub position: i64,
    /// The facts: [`super::SaleFacts`].
    pub facts: serde_json::Value,
    /// The version of the terms, if one was in force.
    pub terms_id: Option<TermsId>,
    /// When it was made.
    pub at: DateTime<Utc>,
}

impl Reward {
    /// The amount as money.
    pub fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// How it came to the amount.
    ///
    /// # Errors
    /// When it was written by a binary that knew other words.
    pub fn trace(&self) -> serde_json::Result<Trace> {
        serde::Deserialize::deserialize(&self.trace)
    }
}

impl NonReward {
    /// How it came to nothing.
    ///
    /// # Errors
    /// As [`Reward::trace`].
    pub fn trace(&self) -> serde_json::Result<Trace> {
        serde::Deserialize::deserialize(&self.trace)
    }
}

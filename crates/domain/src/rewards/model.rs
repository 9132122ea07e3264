use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use ids::{
    AccountId, CustomerId, EvaluationId, NonRewardId, PartnerId, ProgramId, RewardId, TermsId, TransactionId,
};
use money::{Currency, Money, Rounding, Threshold};
use uuid::Uuid;

use super::{LineSet, NonRewardReason, Trace};
use crate::{
    ledger::Owner,
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

text_enum! {
    /// What a reward was made of.
    RewardTrigger {
        /// A sale.
        Sale = "SALE",
        /// A customer's sign-up.
        Signup = "SIGNUP",
        /// A number of customers, or an amount of revenue, that was reached.
        Milestone = "MILESTONE",
        /// A person's decision.
        Manual = "MANUAL",
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
    /// Who gets it, if a partner does.
    pub partner_id: Option<PartnerId>,
    /// Who gets it, if a customer does.
    pub beneficiary_customer_id: Option<CustomerId>,
    /// Whose sale or sign-up it was.
    pub customer_id: Option<CustomerId>,
    /// The sale.
    pub transaction_id: Option<TransactionId>,
    /// What it was made of.
    pub trigger: RewardTrigger,
    /// The sale, or the customer who signed up; of a manual reward its own id.
    pub source: Uuid,
    /// The version of the terms; none of a manual reward.
    pub terms_id: Option<TermsId>,
    /// The id of the rule, the same through all versions; none of a manual reward.
    pub rule: Option<String>,
    /// How many steps up from the attributed partner; 0 is that partner.
    pub level: i32,
    /// The step that was reached, of a milestone.
    pub step: Option<Threshold>,
    /// Which evaluation of the source made it, from 1.
    pub evaluation: i32,
    /// The currency or unit of both amounts.
    pub currency: Currency,
    /// In minor units, above 0; below 0 only of a manual reward that corrects downward.
    pub amount: i64,
    /// What adjustments have left of the amount; nothing of a rejected reward.
    pub net: i64,
    /// How it was rounded, as its reversals are.
    pub rounding: Rounding,
    /// Whether it is kept whole until all that it was made of is taken back.
    pub whole_reversal: bool,
    /// The lines that it was made of, if it was made of lines: a [`LineSet`].
    pub lines: Option<serde_json::Value>,
    /// Whether it is a share of the partner's own rewards, and follows them.
    pub of_reward: bool,
    /// How it came to the amount: a [`Trace`]; of a manual reward, who gave it.
    pub trace: serde_json::Value,
    /// Where it stands.
    pub status: RewardStatus,
    /// Whether a person has yet to decide, also while it is reversed.
    pub under_review: bool,
    /// Until when it is held.
    pub hold_until: DateTime<Utc>,
    /// When its hold ended.
    pub released_at: Option<DateTime<Utc>>,
    /// What was left of it then, in minor units: what a payout pays for it.
    pub released_net: Option<i64>,
    /// The event's own time.
    pub event_at: DateTime<Utc>,
    /// Why a person gave it; of manual rewards alone.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its state last changed.
    pub updated_at: DateTime<Utc>,
}

/// Why a sale or a sign-up earned nothing.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = non_rewards)]
pub struct NonReward {
    /// Its id.
    pub id: NonRewardId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The sale, or the customer who signed up.
    pub source: Uuid,
    /// The sale, if it was one.
    pub transaction_id: Option<TransactionId>,
    /// Whose sale or sign-up it was.
    pub customer_id: CustomerId,
    /// Which evaluation of the source said so, from 1.
    pub evaluation: i32,
    /// The attributed partner, if there is one.
    pub partner_id: Option<PartnerId>,
    /// The reason.
    pub reason: NonRewardReason,
    /// How it came to that: a [`Trace`].
    pub trace: serde_json::Value,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
    /// When another evaluation took its place.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// What one evaluation used: enough to make it again (V2). Of several of one source that of the highest number stands.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = evaluations)]
pub struct StoredEvaluation {
    /// Its id.
    pub id: EvaluationId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The sale, or the customer who signed up.
    pub source: Uuid,
    /// The sale, if it was one.
    pub transaction_id: Option<TransactionId>,
    /// Whose sale or sign-up it was.
    pub customer_id: CustomerId,
    /// Counted per source from 1.
    pub number: i32,
    /// The attributed partner, if there is one.
    pub partner_id: Option<PartnerId>,
    /// The place in the feed of the fact that it followed from.
    pub position: i64,
    /// The local date of the event.
    pub day: NaiveDate,
    /// Whether it counts for metrics and milestones.
    pub is_qualified: bool,
    /// The facts: [`super::Facts`].
    pub facts: serde_json::Value,
    /// The counters that were asked: [`super::StoredCounters`].
    pub counters: Option<serde_json::Value>,
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

    /// What is left of it as money.
    pub fn net_money(&self) -> Money {
        Money::new(self.net, self.currency)
    }

    /// Whose balance it is in.
    ///
    /// # Errors
    /// When it is nobody's, which the database refuses.
    pub fn owner(&self) -> QueryResult<Owner> {
        Owner::of(self.partner_id, self.beneficiary_customer_id).ok_or(diesel::result::Error::NotFound)
    }

    /// The lines that it was made of.
    ///
    /// # Errors
    /// As [`Reward::trace`].
    pub fn line_set(&self) -> serde_json::Result<Option<LineSet>> {
        self.lines.as_ref().map(serde::Deserialize::deserialize).transpose()
    }

    /// How it came to the amount; of a manual reward there is none.
    ///
    /// # Errors
    /// When it was written by a binary that knew other words.
    pub fn trace(&self) -> serde_json::Result<Option<Trace>> {
        match self.trigger {
            RewardTrigger::Manual => Ok(None),
            _ => serde::Deserialize::deserialize(&self.trace).map(Some),
        }
    }
}

impl NonReward {
    /// How it came to nothing.
    ///
    /// # Errors
    /// When it was written by a binary that knew other words.
    pub fn trace(&self) -> serde_json::Result<Trace> {
        serde::Deserialize::deserialize(&self.trace)
    }
}

use chrono::{DateTime, Utc};
use ids::{AdjustmentId, CustomerId, PartnerId, RewardId, TransactionId};
use money::{Currency, Rounding, Threshold};

use crate::{
    ledger::Owner,
    rewards::{Evaluation, Facts, LineSet, ReversalCause, RewardTrigger, Trace},
    terms::RuleId,
};

/// What an event was that earned, or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A sale.
    Sale(TransactionId),
    /// A customer's sign-up.
    SignUp(CustomerId),
}

impl Source {
    /// The sale, if it is one.
    pub(in crate::rewards) fn sale(self) -> Option<TransactionId> {
        match self {
            Self::Sale(id) => Some(id),
            Self::SignUp(_) => None,
        }
    }
}

/// What an event did, in the order in which it did it.
#[derive(Debug, Clone)]
pub enum Effect {
    /// A sign-up or sale was evaluated.
    Evaluated(Box<Evaluated>),
    /// A reward was made.
    Earned(Box<Made>),
    /// What is left of a reward changed.
    Net {
        /// Which.
        reward: RewardId,
        /// What is left of it, in minor units.
        net: i64,
        /// Why.
        cause: ReversalCause,
        /// By which adjustment, if by one.
        adjustment: Option<AdjustmentId>,
    },
}

/// An evaluation with all that it was made from.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Of what.
    pub source: Source,
    /// Which of its evaluations this is, from 1.
    pub number: i32,
    /// Whose customer it was.
    pub partner: Option<PartnerId>,
    /// The facts.
    pub facts: Facts,
    /// The number of the terms version, if one was in force.
    pub terms: Option<i32>,
    /// What it came to.
    pub evaluation: Evaluation,
}

/// A reward as it was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its id.
    pub id: RewardId,
    /// What earned it.
    pub source: Source,
    /// Which evaluation of the source made it.
    pub number: i32,
    /// What kind of rule.
    pub trigger: RewardTrigger,
    /// Whose event it was.
    pub customer: CustomerId,
    /// The rule.
    pub rule: RuleId,
    /// Who gets it.
    pub beneficiary: Owner,
    /// How many steps up from the partner.
    pub level: u8,
    /// The milestone's step.
    pub step: Option<Threshold>,
    /// The currency or unit.
    pub currency: Currency,
    /// In minor units, above 0.
    pub amount: i64,
    /// The lines that it was made of.
    pub lines: LineSet,
    /// Whether it was made of the partner's own rewards.
    pub of_reward: bool,
    /// Whether a partial refund leaves it whole.
    pub is_whole: bool,
    /// How it was rounded, and is when it is reversed.
    pub rounding: Rounding,
    /// The number of the terms version.
    pub terms: i32,
    /// The event's own time.
    pub event_at: DateTime<Utc>,
    /// Until when it is held.
    pub hold_until: DateTime<Utc>,
    /// Whether it begins under review.
    pub pending_review: bool,
    /// How it came to the amount.
    pub trace: Trace,
}

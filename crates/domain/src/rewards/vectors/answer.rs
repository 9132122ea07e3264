//! What is printed for a history.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::rewards::NonRewardReason;

/// One line of output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The history was evaluated.
    Evaluated(Evaluated),
    /// It could not be.
    Refused {
        /// Its name, if it says one.
        name: Option<String>,
        /// Why.
        error: String,
    },
}

/// Everything that a history comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluated {
    /// The history's name.
    pub name: String,
    /// The rewards, also those whose net is 0.
    pub rewards: Vec<PrintedReward>,
    /// The sales that earned nothing.
    pub non_rewards: Vec<PrintedNonReward>,
}

/// A reward.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrintedReward {
    /// The sale's id.
    pub source: String,
    /// The rule's id.
    pub rule: String,
    /// The partner's id.
    pub beneficiary: String,
    /// How many steps up from the partner.
    pub level: i32,
    /// The code of its currency.
    pub currency: String,
    /// As it was made, in minor units.
    pub amount: i64,
    /// What adjustments leave of it, in minor units.
    pub net: i64,
    /// HELD or PENDING_REVIEW: the status at its making.
    pub status: String,
    /// Until when it is held.
    pub hold_until: DateTime<Utc>,
    /// The number of the terms version.
    pub terms: i32,
}

/// A sale that earned nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrintedNonReward {
    /// The sale's id.
    pub source: String,
    /// Why.
    pub reason: NonRewardReason,
}

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, ProgramId, TermsId};
use money::Rounding;
use serde::{Deserialize, Serialize};

use super::{Rule, SelfReferral, TermsInForce};
use crate::schema::terms;

/// A version of what a program promises. A draft until it is published; immutable from then on (M9).
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = terms)]
pub struct Terms {
    /// Its id.
    pub id: TermsId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Counted per program from 1.
    pub number: i32,
    /// The rules as they were checked: a JSON list of [`Rule`].
    pub rules: serde_json::Value,
    /// For how many days of 24 h a reward is held.
    pub hold_days: i32,
    /// How amounts are rounded, once.
    pub rounding: Rounding,
    /// What becomes of self-referred sales.
    pub self_referral: SelfReferral,
    /// How old a stored exchange rate may be, in days; no limit if absent.
    pub rate_max_age_days: Option<i32>,
    /// From when it is in force; none for a draft.
    pub effective_from: Option<DateTime<Utc>>,
    /// When it was published; none for a draft.
    pub published_at: Option<DateTime<Utc>>,
    /// Who published it, as [`crate::act::Actor`] prints.
    pub published_by: Option<String>,
    /// SHA-256 of what was published.
    pub content_hash: Option<Vec<u8>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Terms {
    /// Whether it can no longer change.
    pub fn is_published(&self) -> bool {
        self.published_at.is_some()
    }

    /// The rules. They were checked when they were stored.
    ///
    /// # Errors
    /// When they were stored by a binary that knew other words.
    pub fn rules(&self) -> serde_json::Result<Vec<Rule>> {
        Vec::deserialize(&self.rules)
    }

    /// What evaluation needs of a published version; `None` for a draft.
    ///
    /// # Errors
    /// As [`Terms::rules`].
    pub fn in_force(&self) -> serde_json::Result<Option<TermsInForce>> {
        let Some(effective_from) = self.effective_from else { return Ok(None) };
        Ok(Some(TermsInForce {
            number: self.number,
            effective_from,
            rules: self.rules()?,
            hold_days: self.hold_days,
            rounding: self.rounding,
            self_referral: self.self_referral,
            rate_max_age_days: self.rate_max_age_days,
            reward_currency: super::RewardCurrency::Program,
            duplicate_sale_minutes: None,
            existing_customer_review: false,
        }))
    }
}

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, GroupId, PartnerId, ProgramId, TermsId};
use money::Rounding;
use serde::{Deserialize, Serialize};

use super::{RewardCurrency, Rule, SelfReferral, TermsFor, TermsInForce};
use crate::schema::terms;

/// A version of what a program promises. A draft until it is published; immutable from then on (M9).
#[derive(Debug, Clone, Queryable, Selectable, Serialize, Deserialize)]
#[diesel(table_name = terms)]
pub struct Terms {
    /// Its id.
    pub id: TermsId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The group that it is for, if it is an override.
    pub group_id: Option<GroupId>,
    /// The partner that it is for, if it is an override.
    pub partner_id: Option<PartnerId>,
    /// Counted per program from 1, overrides included.
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
    /// What the rewards of percentages are counted in.
    pub reward_currency: RewardCurrency,
    /// Within how many minutes a like sale of the same customer is held for review; none is looked for if absent.
    pub duplicate_sale_minutes: Option<i32>,
    /// Whether rewards for a customer whom the program had before are held for review.
    pub existing_customer_review: bool,
    /// Whether customers get what rules give to REFERRED also for events that are recorded while their partner is suspended.
    pub referred_while_suspended: bool,
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
    /// For whom it is.
    pub fn whose(&self) -> TermsFor {
        match (self.partner_id, self.group_id) {
            (Some(partner), _) => TermsFor::Partner(partner),
            (None, Some(group)) => TermsFor::Group(group),
            (None, None) => TermsFor::Everybody,
        }
    }

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
            group: self.group_id,
            partner: self.partner_id,
            effective_from,
            rules: self.rules()?,
            hold_days: self.hold_days,
            rounding: self.rounding,
            self_referral: self.self_referral,
            rate_max_age_days: self.rate_max_age_days,
            reward_currency: self.reward_currency,
            duplicate_sale_minutes: self.duplicate_sale_minutes,
            existing_customer_review: self.existing_customer_review,
            referred_while_suspended: self.referred_while_suspended,
        }))
    }
}

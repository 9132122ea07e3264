//! The gates before the rules: rewards.md, section 3.

use money::Rate;

use super::facts::{AttributionFacts, SaleFacts};
use crate::{
    rewards::NonRewardReason,
    terms::{SelfReferral, TermsInForce},
};

/// A sale that passed all gates, with what they found.
pub(super) struct Passed<'a, P> {
    pub(super) attribution: &'a AttributionFacts<P>,
    pub(super) terms: &'a TermsInForce,
    pub(super) rate: Rate,
    pub(super) under_review: bool,
}

/// The first gate that closes, in their order, says why nothing is earned.
pub(super) fn pass<'a, P>(
    facts: &'a SaleFacts<P>,
    terms: Option<&'a TermsInForce>,
) -> Result<Passed<'a, P>, NonRewardReason> {
    if !facts.rewardable {
        return Err(NonRewardReason::Excluded);
    }
    if facts.net <= 0 {
        return Err(NonRewardReason::NothingPaid);
    }
    let attribution = facts.attribution.as_ref().ok_or(NonRewardReason::NoAttribution)?;
    if !attribution.partner_approved {
        return Err(NonRewardReason::PartnerNotApproved);
    }
    let policy = terms.map_or(facts.self_referral_without_terms, |terms| terms.self_referral);
    if attribution.self_referred && policy == SelfReferral::Reject {
        return Err(NonRewardReason::SelfReferral);
    }
    let terms = terms.ok_or(NonRewardReason::NoTerms)?;
    let rate = facts.rate.ok_or(NonRewardReason::RateMissing)?;
    let under_review = attribution.self_referred && policy == SelfReferral::Review;
    Ok(Passed { attribution, terms, rate, under_review })
}

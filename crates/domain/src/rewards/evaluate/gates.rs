//! The gates before the rules: rewards.md, section 3.

use chrono::TimeDelta;
use money::{Currency, Rate};

use super::facts::{AttributionFacts, Facts, RateFacts, SaleFacts};
use crate::{
    rewards::NonRewardReason,
    terms::{Metric, RewardCurrency, Rule, SelfReferral, TermsInForce, Trigger},
};

/// An event that passed all gates, with what they found.
pub(super) struct Passed<'a> {
    pub(super) attribution: &'a AttributionFacts,
    pub(super) terms: &'a TermsInForce,
    /// To the program's currency; absent of a sign-up, and where no rule needs it.
    pub(super) rate: Option<Rate>,
    /// What percentages are counted in, and the rate to it.
    pub(super) of_percentages: (Currency, Rate),
    /// Whether the customer is the partner, and a person decides about that.
    pub(super) self_referred: bool,
    /// Whether the partner is suspended, and customers get theirs all the same.
    pub(super) is_for_customers_alone: bool,
}

/// The first gate that closes, in their order, says why nothing is earned.
pub(super) fn pass<'a>(
    facts: &'a Facts,
    terms: Option<&'a TermsInForce>,
) -> Result<Passed<'a>, NonRewardReason> {
    if let Some(sale) = &facts.sale {
        if !sale.rewardable {
            return Err(NonRewardReason::Excluded);
        }
        if sale.net <= 0 {
            return Err(NonRewardReason::NothingPaid);
        }
    }
    let attribution = facts.attribution.as_ref().ok_or(NonRewardReason::NoAttribution)?;
    let is_for_customers_alone =
        attribution.partner_suspended && terms.is_some_and(|terms| terms.referred_while_suspended);
    if !attribution.partner_approved && !is_for_customers_alone {
        return Err(NonRewardReason::PartnerNotApproved);
    }
    let policy = terms.map_or(facts.self_referral_without_terms, |terms| terms.self_referral);
    if attribution.self_referred && policy == SelfReferral::Reject {
        return Err(NonRewardReason::SelfReferral);
    }
    let terms = terms.ok_or(NonRewardReason::NoTerms)?;
    let rate = facts.sale.as_ref().and_then(|sale| rate(sale, facts, terms));
    let program = facts.program_currency;
    let of_percentages = match (&facts.sale, terms.reward_currency) {
        (Some(sale), RewardCurrency::Sale) => (sale.currency, Rate::ONE),
        (Some(_), RewardCurrency::Program) => (program, rate.unwrap_or(Rate::ONE)),
        (None, _) => (program, Rate::ONE),
    };
    if facts.sale.is_some() && rate.is_none() && needs_rate(terms) {
        return Err(NonRewardReason::RateMissing);
    }
    let self_referred = attribution.self_referred && policy == SelfReferral::Review;
    Ok(Passed { attribution, terms, rate, of_percentages, self_referred, is_for_customers_alone })
}

/// The rate that counts under these terms, if one does.
pub(super) fn rate(sale: &SaleFacts, facts: &Facts, terms: &TermsInForce) -> Option<Rate> {
    let RateFacts { rate, at } = sale.rate?;
    let (Some(at), Some(days)) = (at, terms.rate_max_age_days) else { return Some(rate) };
    let is_fresh = TimeDelta::try_days(days.into()).is_none_or(|age| facts.occurred_at - at <= age);
    is_fresh.then_some(rate)
}

/// Whether sales in other currencies cannot be rewarded without a rate: always in the program's currency, and else where a
/// rule looks at revenue.
fn needs_rate(terms: &TermsInForce) -> bool {
    let by_revenue = |rule: &Rule| {
        let tiers = rule.tiers.as_ref().map(|tiers| tiers.metric);
        rule.trigger == Trigger::Sale && matches!(tiers, Some(Metric::Revenue | Metric::SaleAmount))
    };
    terms.reward_currency == RewardCurrency::Program || terms.rules.iter().any(by_revenue)
}

use std::collections::HashMap;

use ids::TermsId;
use serde::Deserialize;

use crate::{
    calendar::Calendar,
    rewards::{LineSet, Reward, RewardState, RewardStatus, Source},
};

/// A stored reward as the book keeps it; nothing of one that no rule made.
pub(in crate::rewards) fn reward_state(
    reward: &Reward,
    source: Source,
    calendar: Calendar,
    terms: &HashMap<TermsId, i32>,
) -> Option<RewardState> {
    let lines = reward.lines.as_ref().map(LineSet::deserialize);
    Some(RewardState {
        source,
        trigger: reward.trigger,
        customer: reward.customer_id?,
        rule: reward.rule.as_ref()?.parse().ok()?,
        beneficiary: reward.owner().ok()?,
        level: u8::try_from(reward.level).ok()?,
        step: reward.step,
        currency: reward.currency,
        amount: reward.amount,
        net: reward.net,
        is_rejected: reward.status == RewardStatus::Rejected,
        is_in_payout: matches!(reward.status, RewardStatus::Reserved | RewardStatus::Paid),
        lines: lines.transpose().ok()?.unwrap_or_default(),
        of_reward: reward.of_reward,
        is_whole: reward.whole_reversal,
        rounding: reward.rounding,
        terms: *terms.get(&reward.terms_id?)?,
        day: calendar.day(reward.event_at),
        hold_until: reward.hold_until,
    })
}

/// What earned a milestone.
pub(in crate::rewards) fn source_of(reward: &Reward) -> Option<Source> {
    let sale = reward.transaction_id.map(Source::Sale);
    sale.or_else(|| reward.customer_id.map(Source::SignUp))
}

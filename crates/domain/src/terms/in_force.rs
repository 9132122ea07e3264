//! Which version of the terms an event falls under.

use chrono::{DateTime, TimeDelta, Utc};
use ids::{GroupId, PartnerId};
use money::Rounding;

use super::{
    rule::Rule,
    vocabulary::{RewardCurrency, SelfReferral},
    whose::{TermsFor, TermsScope},
};
use crate::programs::Grandfathering;

/// A published version, as evaluation reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsInForce {
    /// The version's number, counted per program.
    pub number: i32,
    /// The group that it is for, if it is an override.
    pub group: Option<GroupId>,
    /// The partner that it is for, if it is an override.
    pub partner: Option<PartnerId>,
    /// From when it is in force, until the next one's.
    pub effective_from: DateTime<Utc>,
    /// The rules, in written order.
    pub rules: Vec<Rule>,
    /// For how many days of 24 hours a reward is held.
    pub hold_days: i32,
    /// How amounts are rounded, once.
    pub rounding: Rounding,
    /// What becomes of self-referred events.
    pub self_referral: SelfReferral,
    /// How old a stored exchange rate may be, in days of 24 hours; no limit if absent.
    pub rate_max_age_days: Option<i32>,
    /// What the rewards of percentages are counted in.
    pub reward_currency: RewardCurrency,
    /// Within how many minutes a like sale of the same customer is held for review; none is looked for if absent.
    pub duplicate_sale_minutes: Option<i32>,
    /// Whether rewards for a customer whom the program had before are held for review.
    pub existing_customer_review: bool,
    /// Whether customers get what rules give to REFERRED also for events that are recorded while their partner is suspended.
    pub referred_while_suspended: bool,
}

impl TermsInForce {
    /// When a reward for an event of that time ends to be held; nothing beyond the end of time.
    pub fn end_of_hold(&self, occurred_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        occurred_at.checked_add_signed(TimeDelta::try_days(self.hold_days.into())?)
    }

    /// For whom it is.
    pub fn whose(&self) -> TermsFor {
        match (self.partner, self.group) {
            (Some(partner), _) => TermsFor::Partner(partner),
            (None, Some(group)) => TermsFor::Group(group),
            (None, None) => TermsFor::Everybody,
        }
    }
}

/// The version for an event at `event_at` of a customer attributed at `attributed_at`, if any was in force: of the
/// partner's own versions, else of the group's, else of everybody's. Of each under KEEP the one of the attribution; a
/// customer who is not attributed, or came before all of them, is under the version at the event's time.
pub fn choose_terms(
    versions: &[TermsInForce],
    scope: TermsScope,
    grandfathering: Grandfathering,
    event_at: DateTime<Utc>,
    attributed_at: Option<DateTime<Utc>>,
) -> Option<&TermsInForce> {
    let kept_at = match grandfathering {
        Grandfathering::Keep => attributed_at,
        Grandfathering::Follow => None,
    };
    scope.order().find_map(|whose| {
        let kept = kept_at.and_then(|at| in_force_at(versions, whose, at));
        kept.or_else(|| in_force_at(versions, whose, event_at))
    })
}

/// The self-referral policy while no version is in force: that of everybody's first version; without any, nothing is
/// checked.
pub fn self_referral_without_terms(versions: &[TermsInForce]) -> SelfReferral {
    let of_everybody = versions.iter().filter(|version| version.whose() == TermsFor::Everybody);
    let first = of_everybody.min_by_key(|version| version.number);
    first.map_or(SelfReferral::Allow, |version| version.self_referral)
}

/// Of two versions that begin at the same instant the higher number is in force.
fn in_force_at(versions: &[TermsInForce], whose: TermsFor, at: DateTime<Utc>) -> Option<&TermsInForce> {
    let begun = versions.iter().filter(|version| version.whose() == whose && version.effective_from <= at);
    begun.max_by_key(|version| (version.effective_from, version.number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(day * 86_400, 0).unwrap()
    }

    fn version(number: i32, from: i64) -> TermsInForce {
        let self_referral = SelfReferral::Review;
        let rounding = Rounding::HalfEven;
        TermsInForce {
            number,
            group: None,
            partner: None,
            effective_from: day(from),
            rules: vec![],
            hold_days: 30,
            rounding,
            self_referral,
            rate_max_age_days: None,
            reward_currency: RewardCurrency::Program,
            duplicate_sale_minutes: None,
            existing_customer_review: false,
            referred_while_suspended: false,
        }
    }

    #[test]
    fn a_version_is_in_force_until_the_next_one_s_begin() {
        let versions = [version(1, 10), version(2, 20), version(3, 20), version(4, 15)];
        for (at, number) in
            [(9, None), (10, Some(1)), (14, Some(1)), (15, Some(4)), (19, Some(4)), (20, Some(3))]
        {
            for attributed_at in [None, Some(day(9)), Some(day(12))] {
                let chosen = choose_terms(
                    &versions,
                    TermsScope::default(),
                    Grandfathering::Follow,
                    day(at),
                    attributed_at,
                );
                assert_eq!(chosen.map(|version| version.number), number, "day {at}");
            }
        }
    }

    #[test]
    fn kept_terms_are_those_of_the_attribution() {
        let versions = [version(1, 10), version(2, 20)];
        for (attributed_at, number) in [(None, 2), (Some(day(5)), 2), (Some(day(10)), 1), (Some(day(25)), 2)]
        {
            let chosen =
                choose_terms(&versions, TermsScope::default(), Grandfathering::Keep, day(30), attributed_at);
            assert_eq!(chosen.unwrap().number, number, "attributed at {attributed_at:?}");
        }
    }

    /// Group terms count from their own begin on, a partner's before them, and each scope keeps its own promises.
    #[test]
    fn the_most_specific_version_in_force_counts() {
        let ids = ids::IdSource::seeded(1);
        let (partner, group) = (ids.next(day(0)), ids.next(day(0)));
        let of_group = |number, from| TermsInForce { group: Some(group), ..version(number, from) };
        let of_partner = |number, from| TermsInForce { partner: Some(partner), ..version(number, from) };
        let versions = [version(1, 0), of_group(2, 10), of_partner(3, 20), of_group(4, 30), version(5, 40)];
        let scope = TermsScope { partner: Some(partner), group: Some(group) };
        let others = TermsScope { partner: Some(ids.next(day(0))), group: Some(ids.next(day(0))) };
        let member = TermsScope { partner: others.partner, group: Some(group) };
        let number = |scope, policy, at, attributed_at: Option<i64>| {
            choose_terms(&versions, scope, policy, day(at), attributed_at.map(day)).unwrap().number
        };
        for (at, expected) in [(5, [1, 1, 1]), (15, [2, 2, 1]), (25, [3, 2, 1]), (45, [3, 4, 5])] {
            let found = [scope, member, others].map(|scope| number(scope, Grandfathering::Follow, at, None));
            assert_eq!(found, expected, "day {at}");
        }
        assert_eq!(number(member, Grandfathering::Keep, 45, Some(12)), 2);
        assert_eq!(number(member, Grandfathering::Keep, 45, Some(5)), 4, "the group had no terms then");
        assert_eq!(number(others, Grandfathering::Keep, 45, Some(5)), 1);
    }

    #[test]
    fn before_all_terms_the_first_version_s_policy_holds() {
        assert_eq!(self_referral_without_terms(&[]), SelfReferral::Allow);
        let first = TermsInForce { self_referral: SelfReferral::Reject, ..version(1, 50) };
        assert_eq!(self_referral_without_terms(&[version(2, 20), first]), SelfReferral::Reject);
    }
}

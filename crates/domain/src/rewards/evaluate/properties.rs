//! Promises of the evaluation that hold for any facts and rules.

use std::collections::BTreeSet;

use money::{Ratio, Rounding};
use proptest::prelude::*;

use super::{tests::*, *};
use crate::{
    ledger::Owner,
    terms::{Beneficiary, RewardCurrency, SelfReferral, Stacking, samples::any_rules},
};

fn any_terms() -> impl Strategy<Value = TermsInForce> {
    let rounding = (0..Rounding::ALL.len()).prop_map(|index| Rounding::ALL[index]);
    let self_referral = (0..SelfReferral::ALL.len()).prop_map(|index| SelfReferral::ALL[index]);
    (any_rules(), 0..3_650_i32, rounding, self_referral).prop_map(
        |(rules, hold_days, rounding, self_referral)| TermsInForce {
            number: 1,
            effective_from: day(0),
            rules,
            hold_days,
            rounding,
            self_referral,
            rate_max_age_days: None,
            reward_currency: RewardCurrency::Program,
            duplicate_sale_minutes: None,
            existing_customer_review: false,
            referred_while_suspended: false,
            group: None,
            partner: None,
        },
    )
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let items = proptest::collection::vec((0_i64..100_000, 1..20_i32), 0..5);
    let money = (items, 0_i64..100_000, 0_i64..50_000, proptest::option::of(0_i64..50_000));
    (money, any::<[bool; 5]>(), 20_i64..60, 1..5_u32).prop_map(
        |(
            (items, rest, above_net, budget_left),
            [rewardable, attributed, approved, self_referred, rated],
            at,
            index,
        )| {
            let net = items.iter().map(|(amount, _)| amount).sum::<i64>() + rest;
            let mut facts = facts(net, &items);
            (facts.occurred_at, facts.budget_left) = (day(at), budget_left);
            let sale = facts.sale.as_mut().unwrap();
            sale.gross = net + above_net;
            (sale.rewardable, sale.index) = (rewardable || rated, index);
            sale.rate = sale.rate.filter(|_| rated || attributed);
            facts.attribution = facts.attribution.filter(|_| attributed).map(|known| AttributionFacts {
                partner_approved: approved || rewardable,
                self_referred,
                ..known
            });
            facts
        },
    )
}

/// Counters that say as much as is asked for: five of everything.
struct Five;

impl Counters for Five {
    fn metric(&self, _: ids::PartnerId, _: crate::terms::Metric, _: Span) -> Ratio {
        5.into()
    }

    fn spent(&self, _: &CapKey) -> i64 {
        5
    }
}

fn five(facts: &Facts, terms: &TermsInForce) -> Evaluation {
    evaluate(facts, Some(terms), &Five).unwrap()
}

proptest! {
    #[test]
    fn the_same_facts_and_terms_give_the_same_evaluation(facts in any_facts(), terms in any_terms()) {
        let stored: Facts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        prop_assert_eq!(&stored, &facts);
        let first = five(&facts, &terms);
        let counters: StoredCounters =
            serde_json::from_str(&serde_json::to_string(&first.counters).unwrap()).unwrap();
        prop_assert_eq!(evaluate(&stored, Some(&terms), &counters).unwrap(), first);
    }

    #[test]
    fn a_trace_reads_back_as_it_was_written(facts in any_facts(), terms in any_terms()) {
        let trace = five(&facts, &terms).trace;
        let written = serde_json::to_value(&trace).unwrap();
        prop_assert_eq!(serde_json::from_value::<Trace>(written).unwrap(), trace);
    }

    #[test]
    fn each_amount_is_rounded_once_from_its_exact_value_and_then_held_down(facts in any_facts(), terms in any_terms()) {
        let mut spent = 0;
        for looked_at in &five(&facts, &terms).trace.rules {
            let Some(applied) = looked_at.applied() else { continue };
            prop_assert_eq!(applied.exact.round(terms.rounding), Some(applied.rounded));
            let error = Ratio::from(applied.rounded) - applied.exact.clone();
            prop_assert!(error < Ratio::one() && Ratio::zero() - error < Ratio::one());
            prop_assert!((0..=applied.rounded).contains(&applied.amount));
            let mut amount = applied.rounded;
            for cap in &applied.caps {
                prop_assert!(cap.amount < amount && cap.amount <= (cap.limit - cap.spent).max(0));
                amount = cap.amount;
            }
            prop_assert_eq!(amount, applied.amount);
            if applied.currency == facts.program_currency {
                spent += applied.amount;
            }
        }
        prop_assert!(facts.budget_left.is_none_or(|left| spent <= left.max(0)));
    }

    #[test]
    fn a_line_is_taken_at_most_once_for_each_beneficiary_and_level(facts in any_facts(), terms in any_terms()) {
        let mut taken = BTreeSet::new();
        for looked_at in &five(&facts, &terms).trace.rules {
            let rule = terms.rules.iter().find(|rule| rule.id == looked_at.rule).unwrap();
            if let (Stacking::Exclusive, Some(applied)) = (rule.stacking, looked_at.applied()) {
                for line in applied.lines.iter() {
                    prop_assert!(taken.insert((rule.beneficiary, rule.level, line)), "line {} twice", line);
                }
            }
        }
    }

    #[test]
    fn there_are_rewards_above_zero_or_a_reason_and_never_both(facts in any_facts(), terms in any_terms()) {
        let evaluation = five(&facts, &terms);
        match evaluation.outcome {
            Outcome::Rewards(rewards) => {
                prop_assert!(!rewards.is_empty() && rewards.iter().all(|reward| reward.amount > 0));
                prop_assert_eq!(evaluation.trace.reason, None);
                let rules: BTreeSet<_> = rewards.iter().map(|reward| reward.rule.clone()).collect();
                prop_assert_eq!(rules.len(), rewards.len());
                for reward in rewards {
                    let rule = terms.rules.iter().find(|rule| rule.id == reward.rule).unwrap();
                    let is_customer = matches!(reward.beneficiary, Owner::Customer(_));
                    prop_assert_eq!(is_customer, rule.beneficiary == Beneficiary::Referred);
                }
            }
            Outcome::NonReward(reason) => prop_assert_eq!(evaluation.trace.reason, Some(reason)),
            Outcome::NotAsked => prop_assert!(false, "a sale is always answered"),
        }
    }
}

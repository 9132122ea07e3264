//! Promises of the evaluation that hold for any facts and rules.

use std::collections::BTreeSet;

use money::{Ratio, Rounding};
use proptest::prelude::*;

use super::{tests::*, *};
use crate::terms::{SelfReferral, Stacking, samples::any_rules};

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
        },
    )
}

fn any_facts() -> impl Strategy<Value = SaleFacts<String>> {
    let items = proptest::collection::vec((0_i64..100_000, 1..20_i32), 0..5);
    (items, 0_i64..100_000, 0_i64..50_000, any::<[bool; 5]>(), 20_i64..60).prop_map(
        |(items, rest, above_net, [rewardable, attributed, approved, self_referred, rated], at)| {
            let net = items.iter().map(|(amount, _)| amount).sum::<i64>() + rest;
            let base = facts(net, &items);
            let attribution = base.attribution.filter(|_| attributed).map(|known| AttributionFacts {
                partner: known.partner.to_owned(),
                at: known.at,
                partner_approved: approved || rewardable,
                self_referred,
            });
            SaleFacts {
                occurred_at: day(at),
                currency: base.currency,
                gross: net + above_net,
                net,
                lines: base.lines,
                rewardable: rewardable || rated,
                program_currency: base.program_currency,
                rate: base.rate.filter(|_| rated || attributed),
                attribution,
                self_referral_without_terms: SelfReferral::Reject,
            }
        },
    )
}

proptest! {
    #[test]
    fn the_same_facts_and_terms_give_the_same_evaluation(facts in any_facts(), terms in any_terms()) {
        let stored: SaleFacts<String> = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        prop_assert_eq!(&stored, &facts);
        prop_assert_eq!(evaluate(&stored, Some(&terms)), evaluate(&facts, Some(&terms)));
    }

    #[test]
    fn a_trace_reads_back_as_it_was_written(facts in any_facts(), terms in any_terms()) {
        let trace = evaluate(&facts, Some(&terms)).unwrap().trace;
        let written = serde_json::to_value(&trace).unwrap();
        prop_assert_eq!(serde_json::from_value::<Trace>(written).unwrap(), trace);
    }

    #[test]
    fn each_amount_is_rounded_once_from_its_exact_value(facts in any_facts(), terms in any_terms()) {
        let evaluation = evaluate(&facts, Some(&terms)).unwrap();
        for looked_at in &evaluation.trace.rules {
            if let Verdict::Applied(applied) = &looked_at.verdict {
                prop_assert_eq!(applied.exact.round(terms.rounding), Some(applied.amount));
                let error = Ratio::from(applied.amount) - applied.exact.clone();
                prop_assert!(error < Ratio::one() && Ratio::zero() - error < Ratio::one());
            }
        }
    }

    #[test]
    fn a_line_is_taken_at_most_once_and_exclusive_percentages_share_the_net(
        facts in any_facts(), terms in any_terms(),
    ) {
        let evaluation = evaluate(&facts, Some(&terms)).unwrap();
        let mut taken = BTreeSet::new();
        let mut net = 0;
        for looked_at in &evaluation.trace.rules {
            let rule = terms.rules.iter().find(|rule| rule.id == looked_at.rule).unwrap();
            if let (Stacking::Exclusive, Verdict::Applied(applied)) =
                (rule.stacking, &looked_at.verdict)
            {
                net += applied.net;
                for line in applied.lines.iter() {
                    prop_assert!(taken.insert(line), "line {} twice", line);
                }
            }
        }
        prop_assert!(net <= facts.net);
    }

    #[test]
    fn there_are_rewards_above_zero_or_a_reason_and_never_both(facts in any_facts(), terms in any_terms()) {
        let evaluation = evaluate(&facts, Some(&terms)).unwrap();
        match evaluation.outcome {
            Outcome::Rewards(rewards) => {
                prop_assert!(!rewards.is_empty() && rewards.iter().all(|reward| reward.amount > 0));
                prop_assert_eq!(evaluation.trace.reason, None);
                let rules: BTreeSet<_> = rewards.iter().map(|reward| reward.rule.clone()).collect();
                prop_assert_eq!(rules.len(), rewards.len());
            }
            Outcome::NonReward(reason) => prop_assert_eq!(evaluation.trace.reason, Some(reason)),
        }
    }
}

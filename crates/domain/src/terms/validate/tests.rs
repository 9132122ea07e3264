use std::{fs, path::Path};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::terms::{Operand, samples::any_version, vocabulary::*};

fn problems(json: &Json) -> Vec<String> {
    parse_rules(json).unwrap_err().iter().map(ToString::to_string).collect()
}

/// A sale's rule with these fields besides or instead.
fn with(fields: &Json) -> Json {
    let mut rule = json!({"id": "a", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": {"type": "PERCENT", "percent": "30"}});
    rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!([rule])
}

fn check(table: &[(Json, &[&str])]) {
    for (fields, expected) in table {
        assert_eq!(problems(&with(fields)), *expected, "{fields}");
    }
}

#[test]
fn defaults_are_filled_in() {
    let rule = parse_rules(&with(&json!({"priority": null}))).unwrap().remove(0);
    let written = json!({"id": "a", "trigger": "SALE", "beneficiary": "PARTNER", "priority": 0,
        "stacking": "EXCLUSIVE", "value": {"type": "PERCENT", "percent": "30"}, "base": "NET",
        "duration": {"type": "LIFETIME", "from": "ATTRIBUTION"}});
    assert_eq!(serde_json::to_value(&rule).unwrap(), written);
    let said = json!({"level": 0, "of": "BASE", "startAfter": 0, "endAfter": null, "conditions": [], "tiers": null,
        "caps": {}, "reversal": "PROPORTIONAL", "milestone": null, "review": false});
    assert_eq!(parse_rules(&with(&said)).unwrap(), [rule]);
}

#[test]
fn what_does_not_exist_yet_says_so_where_it_stands() {
    for word in ["LEAD", "CLICK", "CUSTOM", "PARTNER_REFERRED"] {
        let said = format!("rules.0.trigger: {word} cannot be used yet");
        assert_eq!(problems(&with(&json!({"trigger": word}))), [said]);
    }
}

#[test]
fn nonsense_is_named_at_its_path() {
    let decimal = "rules.0.value.percent: must be a decimal text from \"0\" to \"1000\"";
    let value = |value: Json| json!({ "value": value });
    check(&[
        (json!({"colour": "red"}), &["rules.0.colour: is no known field"]),
        (json!({"stacking": "SUM"}), &["rules.0.stacking: must be one of EXCLUSIVE, ADD"]),
        (json!({"priority": 1.5}), &["rules.0.priority: must be a whole number of at most 32 bits"]),
        (json!({"review": "yes"}), &["rules.0.review: must be true or false"]),
        (json!({"id": ""}), &["rules.0.id: must be 1 to 64 letters, digits, hyphens, underscores or dots"]),
        (value(json!(null)), &["rules.0.value: is missing"]),
        (value(json!("30")), &["rules.0.value: must be an object"]),
        (value(json!({"type": "PERCENT", "percent": 30})), &[decimal]),
        (value(json!({"type": "PERCENT", "percent": "-1"})), &[decimal]),
        (value(json!({"type": "PERCENT"})), &["rules.0.value.percent: is missing"]),
        (
            value(json!({"type": "PERCENT", "percent": "1", "per": "UNIT", "unit": "points"})),
            &[
                "rules.0.value.per: has no meaning with PERCENT",
                "rules.0.value.unit: has no meaning with PERCENT",
            ],
        ),
        (
            value(json!({"type": "UNITS", "percent": "1", "unit": "EUR"})),
            &[
                "rules.0.value.percent: has no meaning with UNITS",
                "rules.0.value.unit: must be 4 to 30 lower-case letters",
                "rules.0.value.amount: is missing",
            ],
        ),
        (
            value(json!({"type": "FIXED", "amount": "1000000.5", "per": "UNIT"})),
            &[
                "rules.0.value.amount: must be a decimal text from \"0\" to \"1000000\", as it is paid per unit",
            ],
        ),
    ]);
    assert_eq!(problems(&json!({})), ["rules: must be a list"]);
    assert_eq!(problems(&json!(vec![json!({}); 101])), ["rules: must be at most 100 rules"]);
}

#[test]
fn durations_and_counts_have_bounds() {
    let of = |kind: &str, n: Json| json!({"duration": {"type": kind, "n": n}});
    let sales = "rules.0.duration.n: must be a whole number from 1 to 10000";
    check(&[
        (of("COUNT", json!(null)), &["rules.0.duration.n: is missing"]),
        (of("COUNT", json!(0)), &[sales]),
        (of("COUNT", json!(10_001)), &[sales]),
        (of("DAYS", json!(36_501)), &["rules.0.duration.n: must be a whole number from 1 to 36500"]),
        (of("MONTHS", json!(1_201)), &["rules.0.duration.n: must be a whole number from 1 to 1200"]),
        (of("YEARS", json!(101)), &["rules.0.duration.n: must be a whole number from 1 to 100"]),
        (of("LIFETIME", json!(1)), &["rules.0.duration.n: has no meaning with LIFETIME"]),
        (
            json!({"duration": {"type": "WEEKS", "from": "NOW"}}),
            &["rules.0.duration.type: must be one of LIFETIME, COUNT, DAYS, MONTHS, YEARS"],
        ),
        (
            json!({"startAfter": -1, "endAfter": 0}),
            &[
                "rules.0.startAfter: must be a whole number from 0 to 10000",
                "rules.0.endAfter: must be a whole number from 1 to 10000",
            ],
        ),
        (json!({"startAfter": 2, "endAfter": 2}), &["rules.0.endAfter: must be above startAfter"]),
    ]);
    for (kind, most) in [("COUNT", 10_000), ("DAYS", 36_500), ("MONTHS", 1_200), ("YEARS", 100)] {
        parse_rules(&with(&of(kind, json!(most)))).unwrap();
    }
}

#[test]
fn conditions_compare_what_they_can() {
    let one = |field: &str, op: &str, value: Json| json!({"conditions": [{"field": field, "op": op, "value": value}]});
    let list = "rules.0.conditions.0.value: must be a list of 1 to 100 texts of 1 to 255 characters";
    check(&[
        (one("partner.tag", "IN", json!([])), &[list]),
        (one("partner.tag", "IN", json!("vip")), &[list]),
        (one("partner.tag", "IN", json!(null)), &[list]),
        (
            one("sale.kind", "IN", json!(["SECOND"])),
            &["rules.0.conditions.0.value: must be a list of FIRST and RECURRING"],
        ),
        (
            one("sale.currency", "IN", json!(["EURO"])),
            &["rules.0.conditions.0.value: must be a list of 1 to 100 ISO 4217 codes such as \"EUR\""],
        ),
        (
            one("customer.country", "NOT_IN", json!(["DEU"])),
            &[
                "rules.0.conditions.0.value: must be a list of 1 to 100 ISO 3166-1 alpha-2 codes such as \"DE\"",
            ],
        ),
        (one("sale.coupon", "IN", json!([" "])), &[list]),
        (
            one("sale.amount", "IN", json!(["75"])),
            &[
                "rules.0.conditions.0.op: has no meaning with sale.amount",
                "rules.0.conditions.0.value: must be a decimal text from \"0\" to \"1000000000000\"",
            ],
        ),
        (
            one("sale.at", "LT", json!("2026-02-30T00:00:00Z")),
            &["rules.0.conditions.0.value: must be an instant such as \"2026-12-01T00:00:00Z\""],
        ),
        (
            json!({"conditions": [{"op": "IS", "value": 1, "not": true}]}),
            &[
                "rules.0.conditions.0.not: is no known field",
                "rules.0.conditions.0.field: is missing",
                "rules.0.conditions.0.op: must be one of IN, NOT_IN, GTE, LT",
            ],
        ),
        (
            json!({"conditions": vec![1; 51]}),
            &["rules.0.conditions: must be a list of at most 50 conditions"],
        ),
    ]);
}

/// What it is compared with is stored so: as it was said, it would never match.
#[test]
fn what_a_condition_compares_with_is_kept_in_the_form_of_what_it_is_compared_with() {
    let kept = |field: &str, said: &str| {
        let rules =
            parse_rules(&with(&json!({"conditions": [{"field": field, "op": "IN", "value": [said]}]})));
        match rules.unwrap().remove(0).conditions.remove(0).operand {
            Operand::List(mut texts) => texts.remove(0),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(kept("sale.currency", " usd"), "USD");
    assert_eq!(kept("customer.country", "de "), "DE");
    for field in ["partner.tag", "customer.tag", "sale.coupon", "line.productId", "line.productType"] {
        assert_eq!(kept(field, " Plan B "), "Plan B", "{field}");
    }
}

#[test]
fn tiers_and_milestones_rise() {
    let percent = json!({"type": "PERCENT", "percent": "1"});
    let steps = |from: &[&str]| -> Vec<Json> {
        from.iter().map(|from| json!({"from": from, "value": percent})).collect()
    };
    let tiers = |metric: &str, period: &str, from: &[&str]| json!({"tiers": {"metric": metric, "period": period, "steps": steps(from)}});
    check(&[
        (tiers("SALES", "ALL", &[]), &["rules.0.tiers.steps: must be a list of 1 to 100 steps"]),
        (
            tiers("SALES", "DAY", &["1", "x", "1.0", "2"]),
            &[
                "rules.0.tiers.period: must be ALL, WEEK, MONTH or YEAR",
                "rules.0.tiers.steps.1.from: must be a decimal text from \"0\" to \"1000000000000\"",
                "rules.0.tiers.steps.2.from: must be above the one before",
            ],
        ),
        (tiers("SALE_AMOUNT", "MONTH", &["1"]), &["rules.0.tiers.period: has no meaning with SALE_AMOUNT"]),
        (json!({"tiers": []}), &["rules.0.tiers: must be an object"]),
        (
            json!({"tiers": {"steps": [{"value": {"type": "FIXED", "amount": "1", "unit": "points"}}]}}),
            &[
                "rules.0.tiers.metric: is missing",
                "rules.0.tiers.steps.0.from: is missing",
                "rules.0.tiers.steps.0.value.unit: has no meaning with FIXED",
            ],
        ),
        (
            json!({"caps": {"perPartner": {"amount": "1", "period": "DECADE"}, "perCustomer": 3}}),
            &[
                "rules.0.caps.perCustomer: must be a decimal text from \"0\" to \"1000000000\"",
                "rules.0.caps.perPartner.period: must be one of ALL, DAY, WEEK, MONTH, YEAR",
            ],
        ),
    ]);
    let milestone = |milestone: Json| {
        json!({"trigger": "MILESTONE", "value": {"type": "FIXED", "amount": "1"},
        "milestone": milestone})
    };
    let every = "rules.0.milestone.every: must be a decimal text from \"1\" to \"1000000000000\"";
    check(&[
        (milestone(json!(null)), &["rules.0.milestone: is missing"]),
        (milestone(json!({"metric": "SALES"})), &["rules.0.milestone.at: is missing"]),
        (
            milestone(json!({"metric": "SALES", "at": ["2"], "every": "3"})),
            &["rules.0.milestone.every: has no meaning with at"],
        ),
        (
            milestone(json!({"metric": "SALE_AMOUNT", "at": ["2", "2"]})),
            &[
                "rules.0.milestone.metric: has no meaning with MILESTONE",
                "rules.0.milestone.at.1: must be above the one before",
            ],
        ),
        (milestone(json!({"metric": "REVENUE", "every": "0.99"})), &[every]),
    ]);
}

#[test]
fn what_means_nothing_beside_the_rest_is_refused() {
    let fixed = json!({"type": "FIXED", "amount": "5"});
    let signup = json!({"trigger": "SIGNUP", "value": {"type": "PERCENT", "percent": "1"}, "base": "GROSS",
        "duration": {"type": "DAYS", "n": 1}, "startAfter": 1, "endAfter": 2,
        "conditions": [{"field": "customer.tag", "op": "IN", "value": ["new"]},
            {"field": "sale.coupon", "op": "IN", "value": ["X"]}],
        "tiers": {"metric": "SALE_AMOUNT", "steps": [
            {"from": "1", "value": {"type": "FIXED", "amount": "1", "per": "UNIT"}}]}});
    let milestone = json!({"trigger": "MILESTONE", "beneficiary": "REFERRED", "value": fixed,
        "milestone": {"metric": "SALES", "every": "1"}, "duration": {"type": "COUNT", "n": 1},
        "conditions": [{"field": "sale.coupon", "op": "IN", "value": ["X"]}],
        "tiers": {"metric": "SALES", "steps": [{"from": "1", "value": fixed}]}, "caps": {"perCustomer": "1"}});
    let of_reward = json!({"beneficiary": "UPLINE", "level": 2, "of": "REWARD", "value": fixed, "base": "GROSS",
        "reversal": "WHOLE", "stacking": "ADD",
        "conditions": [{"field": "line.productId", "op": "IN", "value": ["X"]}]});
    check(&[
        (
            signup,
            &[
                "rules.0.value.type: has no meaning with SIGNUP",
                "rules.0.tiers.metric: has no meaning with SIGNUP",
                "rules.0.tiers.steps.0.value.per: has no meaning with SIGNUP",
                "rules.0.base: has no meaning with SIGNUP",
                "rules.0.duration: has no meaning with SIGNUP",
                "rules.0.startAfter: has no meaning with SIGNUP",
                "rules.0.endAfter: has no meaning with SIGNUP",
                "rules.0.conditions.1.field: has no meaning with SIGNUP",
            ],
        ),
        (
            milestone,
            &[
                "rules.0.beneficiary: has no meaning with MILESTONE",
                "rules.0.tiers: has no meaning with MILESTONE",
                "rules.0.duration: has no meaning with MILESTONE",
                "rules.0.conditions: has no meaning with MILESTONE",
                "rules.0.caps: has no meaning with MILESTONE",
            ],
        ),
        (
            of_reward,
            &[
                "rules.0.value.type: has no meaning with REWARD",
                "rules.0.base: has no meaning with REWARD",
                "rules.0.conditions.0.field: has no meaning with REWARD",
                "rules.0.reversal: has no meaning with REWARD",
            ],
        ),
    ]);
}

#[test]
fn one_word_decides_whether_another_has_meaning() {
    let fixed = json!({"type": "FIXED", "amount": "5"});
    check(&[
        (json!({"of": "REWARD"}), &["rules.0.of: has no meaning with PARTNER"]),
        (json!({"beneficiary": "UPLINE"}), &["rules.0.level: is missing"]),
        (
            json!({"beneficiary": "UPLINE", "level": 6}),
            &["rules.0.level: must be a whole number from 1 to 5"],
        ),
        (json!({"beneficiary": "REFERRED", "level": 1}), &["rules.0.level: has no meaning with REFERRED"]),
        (json!({"value": fixed, "base": "GROSS"}), &["rules.0.base: has no meaning with FIXED"]),
        (
            json!({"milestone": {"metric": "SALES", "every": "1"}}),
            &["rules.0.milestone: has no meaning with SALE"],
        ),
    ]);
    // A step that gives a percentage has a base.
    let steps = json!([{"from": "1", "value": {"type": "PERCENT", "percent": "1"}}]);
    let tiers = json!({"metric": "SALES", "steps": steps});
    parse_rules(&with(&json!({"value": fixed, "base": "GROSS", "tiers": tiers}))).unwrap();
}

#[test]
fn everything_wrong_is_said_at_once() {
    let fixed = json!({"id": "a", "trigger": "SALE", "beneficiary": "PARTNER", "base": "GROSS",
        "value": {"type": "FIXED", "amount": "5"}});
    let found =
        problems(&json!([{"trigger": "CLICK", "value": {"type": "PERCENT", "percent": "x"}}, fixed, fixed]));
    let expected = [
        "rules.0.id: is missing",
        "rules.0.trigger: CLICK cannot be used yet",
        "rules.0.value.percent: must be a decimal text from \"0\" to \"1000\"",
        "rules.1.base: has no meaning with FIXED",
        "rules.2.base: has no meaning with FIXED",
        "rules.2.id: the id \"a\" is used by an earlier rule",
    ];
    assert_eq!(found, expected);
}

/// Rules of every structure, as the histories of the reward semantics have them.
#[test]
fn the_rules_of_histories_are_accepted() {
    let lists: Vec<Json> = serde_json::from_str(include_str!("histories.json")).unwrap();
    assert!(lists.len() >= 10);
    for rules in lists {
        parse_rules(&rules).unwrap_or_else(|problems| panic!("{rules}: {problems:?}"));
    }
}

/// The design's own file lies beside the workspace where it is developed; a clone alone has those above.
#[test]
fn all_rules_of_the_shared_histories_are_accepted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/rewards.jsonl");
    let Ok(text) = fs::read_to_string(&path) else {
        println!("0 shared histories: {} is not here", path.display());
        return;
    };
    for line in text.lines() {
        let history: Json = serde_json::from_str(line).unwrap();
        for version in history["terms"].as_array().unwrap() {
            let problems = parse_rules(&version["rules"]).err();
            assert_eq!(problems, None, "{}", history["name"]);
        }
    }
}

proptest! {
    #[test]
    fn rules_read_back_as_they_were_written(rules in any_version()) {
        let written = serde_json::to_value(&rules).unwrap();
        prop_assert_eq!(&serde_json::from_value::<Vec<Rule>>(written.clone()).unwrap(), &rules);
        prop_assert_eq!(parse_rules(&written), Ok(rules));
    }
}

/// All words can be said: none is without a rule that uses it.
#[test]
fn every_word_is_used_by_some_history() {
    let text = include_str!("histories.json");
    let words = [
        Trigger::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        Beneficiary::ALL.iter().map(|word| word.as_str()).collect(),
        ValueType::ALL.iter().map(|word| word.as_str()).collect(),
        ConditionField::ALL.iter().map(|word| word.as_str()).collect(),
        ConditionOp::ALL.iter().map(|word| word.as_str()).collect(),
        Metric::ALL.iter().map(|word| word.as_str()).collect(),
    ];
    for word in words.concat() {
        assert!(text.contains(&format!("\"{word}\"")), "{word}");
    }
}

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::terms::samples::any_rule;

fn problems(json: &Json) -> Vec<String> {
    parse_rules(json).unwrap_err().iter().map(ToString::to_string).collect()
}

fn with(field: &str, value: Json) -> Json {
    let mut rule = json!({"id": "a", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": {"type": "PERCENT", "percent": "30"}});
    rule[field] = value;
    json!([rule])
}

#[test]
fn defaults_are_filled_in() {
    let rule = parse_rules(&with("priority", json!(null))).unwrap().remove(0);
    let written = json!({"id": "a", "trigger": "SALE", "beneficiary": "PARTNER", "priority": 0,
        "stacking": "EXCLUSIVE", "value": {"type": "PERCENT", "percent": "30"}, "base": "NET",
        "duration": {"type": "LIFETIME", "from": "ATTRIBUTION"}});
    assert_eq!(serde_json::to_value(&rule).unwrap(), written);
}

#[test]
fn what_does_not_exist_yet_says_so_where_it_stands() {
    for field in LATER_RULE_FIELDS {
        let problems = parse_rules(&with(field, json!({"any": 1}))).unwrap_err();
        let path = ["rules", "0", field].map(str::to_owned).to_vec();
        assert_eq!(problems, [RuleProblem { path, fault: RuleFault::NotYet { what: (*field).to_owned() } }]);
    }
    let words = [
        ("trigger", json!("SIGNUP"), "rules.0.trigger: SIGNUP cannot be used yet"),
        ("trigger", json!("MILESTONE"), "rules.0.trigger: MILESTONE cannot be used yet"),
        ("beneficiary", json!("UPLINE"), "rules.0.beneficiary: UPLINE cannot be used yet"),
        ("value", json!({"type": "UNITS"}), "rules.0.value.type: UNITS cannot be used yet"),
        ("duration", json!({"type": "MONTHS"}), "rules.0.duration.type: MONTHS cannot be used yet"),
        (
            "duration",
            json!({"type": "LIFETIME", "from": "FIRST_SALE"}),
            "rules.0.duration.from: FIRST_SALE cannot be used yet",
        ),
    ];
    for (field, value, sentence) in words {
        assert_eq!(problems(&with(field, value)), [sentence]);
    }
}

#[test]
fn nonsense_is_named_at_its_path() {
    let decimal = "rules.0.value.percent: must be a decimal text from \"0\" to \"1000\"";
    let cases = [
        ("colour", json!("red"), "rules.0.colour: is no known field"),
        ("stacking", json!("SUM"), "rules.0.stacking: must be one of EXCLUSIVE, ADD"),
        ("priority", json!(1.5), "rules.0.priority: must be a whole number of at most 32 bits"),
        ("value", json!(null), "rules.0.value: is missing"),
        ("value", json!("30"), "rules.0.value: must be an object"),
        ("value", json!({"type": "PERCENT", "percent": 30}), decimal),
        ("value", json!({"type": "PERCENT", "percent": "-1"}), decimal),
        ("value", json!({"type": "PERCENT"}), "rules.0.value.percent: is missing"),
        (
            "value",
            json!({"type": "PERCENT", "percent": "1", "per": "UNIT"}),
            "rules.0.value.per: has no meaning with PERCENT",
        ),
        ("id", json!(""), "rules.0.id: must be 1 to 64 letters, digits, hyphens, underscores or dots"),
    ];
    for (field, value, sentence) in cases {
        assert_eq!(problems(&with(field, value)), [sentence]);
    }
    assert_eq!(problems(&json!({})), ["rules: must be a list"]);
    assert_eq!(problems(&json!(vec![json!({}); 101])), ["rules: must be at most 100 rules"]);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let fixed = json!({"id": "a", "trigger": "SALE", "beneficiary": "PARTNER", "base": "GROSS",
        "value": {"type": "FIXED", "amount": "5"}});
    let found =
        problems(&json!([{"trigger": "CLICK", "value": {"type": "PERCENT", "percent": "x"}}, fixed, fixed]));
    let expected = [
        "rules.0.id: is missing",
        "rules.0.trigger: must be one of SALE",
        "rules.0.beneficiary: is missing",
        "rules.0.value.percent: must be a decimal text from \"0\" to \"1000\"",
        "rules.1.base: has no meaning with FIXED",
        "rules.2.base: has no meaning with FIXED",
        "rules.2.id: the id \"a\" is used by an earlier rule",
    ];
    assert_eq!(found, expected);
}

proptest! {
    #[test]
    fn a_rule_reads_back_as_it_was_written(rule in any_rule()) {
        let written = serde_json::to_value(&rule).unwrap();
        prop_assert_eq!(&serde_json::from_value::<Rule>(written.clone()).unwrap(), &rule);
        prop_assert_eq!(parse_rules(&json!([written])), Ok(vec![rule]));
    }
}

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::json;

use super::*;

/// How many histories there are.
const HISTORIES: usize = 98;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Expected {
    rewards: Vec<PrintedReward>,
    non_rewards: Vec<PrintedNonReward>,
}

/// Evaluates the file's histories, holds each result against its `expect`, and counts them.
fn check(path: &Path) -> Summary {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    evaluate_histories(text.as_bytes(), |answer| {
        let history: Json = serde_json::from_str(lines.next().unwrap()).unwrap();
        match answer.clone() {
            Answer::Evaluated(mut made) => {
                let mut expected: Expected = serde_json::from_value(history["expect"].clone()).unwrap();
                expected.rewards.sort();
                expected.non_rewards.sort();
                made.rewards.sort();
                made.non_rewards.sort();
                assert_eq!(made.rewards, expected.rewards, "{}", made.name);
                assert_eq!(made.non_rewards, expected.non_rewards, "{}", made.name);
            }
            Answer::Refused { name, error } => panic!("{name:?}: {error}"),
        }
        Ok(())
    })
    .unwrap()
}

#[test]
fn all_histories_come_to_what_they_expect() {
    let summary = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/rewards.jsonl"));
    assert_eq!(summary, Summary { evaluated: HISTORIES, refused: 0 });
}

/// Their results are those of a calculator that was written from the text alone.
#[test]
fn histories_that_were_computed_apart_come_to_the_same() {
    let summary = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/apart.jsonl"));
    assert_eq!(summary, Summary { evaluated: 32, refused: 0 });
}

/// The first that the vocabulary names is what holds when nothing is said.
#[test]
fn a_rule_is_for_sales_and_for_the_partner_unless_it_says_otherwise() {
    let rules = |rule: Json| json!([{"number": 1, "effectiveFrom": "2026-01-01T00:00:00Z", "rules": [rule]}]);
    let value = json!({"type": "PERCENT", "percent": "30"});
    let short = rules(json!({"id": "sale", "value": value}));
    let long = rules(json!({"id": "sale", "trigger": "SALE", "beneficiary": "PARTNER", "value": value}));
    let of = |terms: Json| serde_json::to_value(evaluate_history(&history(&[("/terms", terms)]))).unwrap();
    let said = of(short);
    assert!(said["rewards"].is_array(), "{said}");
    assert_eq!(said, of(long));
}

fn history(changes: &[(&str, Json)]) -> String {
    let mut history = json!({
        "name": "h",
        "program": {"currency": "USD", "timeZone": "UTC", "rounding": "HALF_EVEN", "holdDays": 30,
            "selfReferral": "REJECT", "grandfathering": "FOLLOW"},
        "terms": [{"number": 1, "effectiveFrom": "2026-01-01T00:00:00Z", "rules": [
            {"id": "sale", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"}}
        ]}],
        "partners": [{"id": "A", "status": "APPROVED", "email": "a@example.com"}],
        "events": [
            {"type": "CUSTOMER", "id": "c1", "at": "2026-02-01T00:00:00Z", "partner": "A"},
            {"type": "SALE", "id": "t1", "customer": "c1", "at": "2026-02-02T00:00:00Z", "currency": "USD",
                "gross": "10.00", "discount": "0", "tax": "0"},
        ],
    });
    for (pointer, value) in changes {
        *history.pointer_mut(pointer).unwrap() = value.clone();
    }
    history.to_string()
}

#[test]
fn an_answer_in_the_vectors_format() {
    let answer = serde_json::to_value(evaluate_history(&history(&[]))).unwrap();
    let reward = json!({"source": "t1", "rule": "sale", "beneficiary": "A", "level": 0, "currency": "USD",
        "amount": 300, "net": 300, "status": "HELD", "holdUntil": "2026-03-04T00:00:00Z", "terms": 1});
    assert_eq!(answer, json!({"name": "h", "rewards": [reward], "nonRewards": []}));
}

#[test]
fn what_cannot_be_evaluated_is_an_error_of_its_line_alone() {
    let later = [("/terms/0/rules/0/trigger", json!("CLICK"))];
    let cases = [
        (history(&later), "terms 1: rules.0.trigger: CLICK cannot be used yet"),
        (
            history(&[("/events/1/gross", json!("10.001"))]),
            "10.001 is finer than the minor unit of USD, which has 2 decimal digits",
        ),
        (history(&[("/events/1/customer", json!("c9"))]), "there is no customer \"c9\""),
        (history(&[("/events/0/partner", json!("Z"))]), "there is no partner \"Z\""),
        (
            history(&[("/events/1/gross", json!("1e400"))]),
            "\"1e400\" is not a plain decimal number of at most 28 digits",
        ),
    ];
    for (line, error) in &cases {
        let expected = Answer::Refused { name: Some("h".to_owned()), error: (*error).to_owned() };
        assert_eq!(evaluate_history(line), expected);
    }
    let file = format!("{}\n\nnonsense\n{}\n", cases[0].0, history(&[]));
    let summary = evaluate_histories(file.as_bytes(), |_| Ok(())).unwrap();
    assert_eq!(summary, Summary { evaluated: 1, refused: 2 });
}

#[test]
fn adjustments_count_once_and_only_while_they_stand() {
    let at = "2026-02-03T00:00:00Z";
    let refund =
        |id: &str| json!({"type": "REFUND", "id": id, "transaction": "t1", "at": at, "amount": "2.00"});
    let of = |kind: &str| json!({"type": kind, "id": kind, "transaction": "t1", "at": at});
    let won = |id: &str| json!({"type": "CHARGEBACK_WON", "id": "won", "adjustment": id, "at": at});
    let table = [
        (vec![refund("a")], 240),
        (vec![refund("a"), refund("a")], 240),
        (vec![refund("a"), refund("b")], 180),
        (vec![refund("a"), of("CHARGEBACK")], 0),
        (vec![refund("a"), of("CHARGEBACK"), won("CHARGEBACK")], 240),
        (vec![won("CHARGEBACK"), of("CHARGEBACK"), of("VOID")], 0),
        (vec![won("VOID"), of("VOID")], 0),
    ];
    for (adjustments, net) in table {
        let mut file: Json = serde_json::from_str(&history(&[])).unwrap();
        file["events"].as_array_mut().unwrap().extend(adjustments.clone());
        let Answer::Evaluated(made) = evaluate_history(&file.to_string()) else { panic!("refused") };
        assert_eq!((made.rewards[0].amount, made.rewards[0].net), (300, net), "{adjustments:?}");
    }
}

#[test]
fn a_refused_sale_leaves_its_key_free() {
    let items = json!([{"productId": "p", "productType": null, "quantity": 1, "amount": "10.01"}]);
    let mut file: Json = serde_json::from_str(&history(&[])).unwrap();
    let good = file["events"][1].clone();
    file["events"][1]["items"] = items;
    file["events"].as_array_mut().unwrap().push(good);
    let Answer::Evaluated(made) = evaluate_history(&file.to_string()) else { panic!("refused") };
    assert_eq!((made.rewards.len(), made.non_rewards.len()), (1, 0));
}

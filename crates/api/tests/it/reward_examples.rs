//! The examples of `docs/rewards.md`, as a reader would try them.

use domain::{rewards::vectors::evaluate_history, scope::AccountScope, terms::Terms};
use ids::TermsId;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::shop::{create_program, text};

const DOCUMENT: &str = include_str!("../../../../docs/rewards.md");
const PUT: &str = "mutation Put($programId: ID!, $input: TermsInput!) {
    termsDraftPut(programId: $programId, input: $input) {
        terms { id rules { sentence } } userErrors { field message } } }";

/// What stands in the section's block of that name.
fn block(section: &str, name: &str) -> Value {
    let (_, rest) =
        section.split_once(&format!("```json {name}\n")).unwrap_or_else(|| panic!("{name}: {section}"));
    let (block, _) = rest.split_once("```").unwrap();
    serde_json::from_str(block).unwrap_or_else(|error| panic!("{name}: {error}: {block}"))
}

/// The quoted lines as one text.
fn quoted(section: &str) -> String {
    let lines = section.lines().filter_map(|line| line.strip_prefix('>'));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

fn history(title: &str, partners: &Value, events: &Value, input: &Value, rules: &Value) -> String {
    let policy = |name: &str, default: Value| input.get(name).cloned().unwrap_or(default);
    let history = json!({
        "name": title,
        "program": { "currency": "USD", "timeZone": "UTC", "grandfathering": "FOLLOW", "holdDays": input["holdDays"],
            "rounding": policy("rounding", json!("HALF_EVEN")), "selfReferral": policy("selfReferral", json!("REJECT")) },
        "terms": [{ "number": 1, "effectiveFrom": "2026-01-01T00:00:00Z", "rules": rules }],
        "partners": partners, "rates": [], "events": events,
    });
    history.to_string()
}

/// The list without order.
fn sorted(list: &Value) -> Vec<Value> {
    let mut list = list.as_array().cloned().unwrap_or_default();
    list.sort_by_key(|entry| format!("{} {} {}", entry["source"], entry["rule"], entry["beneficiary"]));
    list
}

#[tokio::test]
async fn the_document_s_examples_do_what_it_says() {
    let app = TestApp::start().await;
    let owner = app.owner();
    let program = create_program(&owner, "Examples", "USD").await;
    let mut sections = DOCUMENT.split("\n## ");
    let partners = block(sections.next().unwrap(), "partners");
    let mut examples = 0;
    for section in sections {
        let title = section.lines().next().unwrap();
        let mut variables = block(section, "input");
        variables["programId"] = json!(program);
        let answer = owner.gql(PUT, variables.clone()).await.ok()["termsDraftPut"].clone();
        assert_eq!(answer["userErrors"], json!([]), "{title}");
        let rules = answer["terms"]["rules"].as_array().unwrap().iter().enumerate();
        let sentences: Vec<_> =
            rules.map(|(at, rule)| format!("{}. {}", at + 1, text(&rule["sentence"]))).collect();
        assert_eq!(quoted(section), sentences.join(" "), "{title}");
        let id: TermsId = text(&answer["terms"]["id"]).parse().unwrap();
        let scope = AccountScope::whole(app.account_id());
        let stored = Terms::find_all(&mut *app.conn().await, &scope, &[id]).await.unwrap().remove(0);
        let history =
            history(title, &partners, &block(section, "history"), &variables["input"], &stored.rules);
        let made = serde_json::to_value(evaluate_history(&history)).unwrap();
        let result = block(section, "result");
        for list in ["rewards", "nonRewards"] {
            assert_eq!(sorted(&made[list]), sorted(&result[list]), "{title}: {list}: {made}");
        }
        examples += 1;
    }
    app.run_jobs().await;
    assert_eq!(examples, 10);
}

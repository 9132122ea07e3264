//! Nobody finds what is another account's or of another program; and no page costs a statement per row.

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::TestApp;

use super::till::{Till, give, text};

/// Every door, with what of it must be empty for others.
const DOORS: &[(&str, &str)] = &[
    ("payout", "query($id: ID!) { it: payout(id: $id) { id } }"),
    ("payout", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("batch", "query($id: ID!) { it: payoutBatch(id: $id) { id } }"),
    ("batch", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("batch", "query($id: ID!) { it: payouts(filter: { batchIds: [$id] }) { nodes { id } } }"),
    ("submission", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("method", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("policy", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("program", "query($id: ID!) { it: payouts(filter: { programIds: [$id] }) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: payoutBatches(filter: { programIds: [$id] }) { nodes { id } } }"),
    (
        "program",
        "query($id: ID!) { it: payoutBatchPreview(input: { programId: $id, rail: MANUAL }) { preview { madeCount } } }",
    ),
    ("program", "query($id: ID!) { it: program(id: $id) { payoutPolicies { nodes { id } } } }"),
    ("partner", "query($id: ID!) { it: payouts(filter: { partnerIds: [$id] }) { nodes { id } } }"),
    (
        "partner",
        "query($id: ID!) { it: partner(id: $id) { payouts { nodes { id } } payoutMethod { id } payoutMethods { id } } }",
    ),
    ("reward", "query($id: ID!) { it: reward(id: $id) { payout { id } } }"),
];

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

#[tokio::test]
async fn another_account_or_program_finds_nothing() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    till.four_eyes(&app).await;
    let update = "mutation($id: ID!) { payoutPolicyUpdate(programId: $id, input: { fourEyes: false }) {
        payoutPolicy { id } userErrors { code } } }";
    let policy = app.owner().gql(update, json!({ "id": till.program })).await.ok();
    let batch = till.batch(&app, &app.owner(), "b").await;
    till.execute(&app, &batch, "20").await;
    let all = "query($id: ID!) { payoutBatch(id: $id) { submissions { id } payouts { nodes { id method { id } items { nodes { sourceId } } } } } }";
    let all = app.owner().gql(all, json!({ "id": batch })).await.ok();
    let payout = &all["payoutBatch"]["payouts"]["nodes"][0];
    give(&app, bob, "5", "more").await;
    let id = |noun: &str| match noun {
        "payout" => payout["id"].clone(),
        "batch" => json!(batch),
        "submission" => all["payoutBatch"]["submissions"][0]["id"].clone(),
        "method" => payout["method"]["id"].clone(),
        "policy" => policy["payoutPolicyUpdate"]["payoutPolicy"]["id"].clone(),
        "program" => json!(till.program),
        "partner" => json!(bob),
        "reward" => payout["items"]["nodes"][0]["sourceId"].clone(),
        other => panic!("{other}"),
    };
    let outsider = app.outsider().await;
    let limited = app.api_key(P::ALL, &[app.program().await]).await;
    for (noun, query) in DOORS {
        let variables = json!({ "id": id(noun) });
        let seen = app.owner().gql(query, variables.clone()).await.ok();
        assert!(!is_empty(&seen), "the owner sees nothing either: {query}");
        for other in [&outsider, &limited] {
            let answer = other.gql(query, variables.clone()).await;
            assert!(answer.errors.is_empty() && is_empty(&answer.data), "{query}: {answer:?}");
        }
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn a_page_costs_a_handful_of_statements() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    for number in 0..12 {
        till.partner(&app, &format!("p{number}"), "20").await;
    }
    for (key, euros) in [("one", "240"), ("two", "60")] {
        let batch = till.batch(&app, &app.owner(), key).await;
        till.execute(&app, &batch, euros).await;
        if key == "one" {
            let partners = app.owner().gql("{ partners { nodes { id } } }", json!({})).await.ok();
            for (place, partner) in partners["partners"]["nodes"].as_array().unwrap().iter().enumerate() {
                give(&app, text(&partner["id"]).parse().unwrap(), "5", &format!("again {place}")).await;
            }
        }
    }
    let owner = app.owner();
    let pages = [
        ("{ payouts(first: 50) { totalCount nodes { status viewerCan partner { key } program { name } method { label }
            batch { status } submission { status } requestedBy { __typename } items(first: 3) { nodes { amount { amount } reward { status } } } } } }", 13),
        ("{ payoutBatches { totalCount nodes { viewerCan payouts(first: 20) { totalCount nodes { amount { amount } } }
            submissions { number total { amount } attempts { outcome } } preparedBy { ... on User { email } } } } }", 8),
        ("{ partners(first: 100) { nodes { payoutPolicy { minimum { amount } } payoutMethod { label } payoutMethods { label }
            payee { company } payouts(first: 1) { totalCount nodes { status } } } } }", 9),
        ("{ rewards(first: 100) { nodes { payout { status } } } }", 3),
        ("{ programs { nodes { payoutPolicy { minimum { amount } } payoutPolicies { totalCount nodes { fourEyes } } } } }", 5),
    ];
    for (query, most) in pages {
        owner.gql(query, json!({})).await.ok();
        let (answer, statements) = app.count_statements(owner.gql(query, json!({}))).await;
        answer.ok();
        assert!(
            statements.len() <= most + 2,
            "{} statements for {query}:\n{}",
            statements.len(),
            statements.join("\n")
        );
    }
    app.run_jobs().await;
}

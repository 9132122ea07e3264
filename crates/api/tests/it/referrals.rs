//! Refer-a-friend and newsletters, and customers who change hands, as an integrator meets them.

use serde_json::{Value, json};
use test_support::TestApp;

const UPSERT: &str = "mutation ($input: CustomerInput!) { it: customerUpsert(input: $input) {
    customer { key confirmedAt referrer { key } attribution { partner { key customer { key } } } }
    userErrors { field code message } } }";
const ENROL: &str = "mutation ($input: CustomerEnrolInput!) { it: customerEnrol(input: $input) {
    customer { referrer { key name status customer { key } } } userErrors { field code message } } }";
const CONFIRM: &str = "mutation ($input: CustomerConfirmInput!) { it: customerConfirm(input: $input) {
    customer { confirmedAt } userErrors { field code message } } }";
const REASSIGN: &str = "mutation ($input: CustomerReassignInput!) { it: customerReassign(input: $input) {
    customer { attribution { partner { key } source at } } userErrors { field code message } } }";
const RECORD: &str =
    "mutation ($id: ID!, $input: TransactionInput!) { it: transactionRecord(programId: $id, input: $input) {
    transaction { customer { attribution { partner { key } } } } userErrors { field code message } } }";

async fn ask(app: &TestApp, query: &str, variables: Value) -> Value {
    let answer = app.owner().gql(query, variables).await;
    assert_eq!(answer.code(), "", "{answer:?}");
    answer.data["it"].clone()
}

/// The field and code of the one thing that is wrong.
fn problem(answer: &Value) -> String {
    let error = &answer["userErrors"][0];
    let path = error["field"].as_array().into_iter().flatten().filter_map(Value::as_str);
    format!("{} {}", path.collect::<Vec<_>>().join("."), error["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_friend_is_referred() {
    let app = TestApp::start().await;
    let program = app.program_of("REFERRAL").await;
    let ann = json!({ "programId": program, "key": "ann", "email": "ann@example.com", "name": "Ann" });
    ask(&app, UPSERT, json!({ "input": ann })).await;
    let bob = json!({ "programId": program, "key": "bob", "referringCustomerKey": "ann" });
    let stored = ask(&app, UPSERT, json!({ "input": bob })).await;
    let partner = json!({ "key": "ann", "customer": { "key": "ann" } });
    assert_eq!(stored["customer"]["attribution"], json!({ "partner": partner }), "{stored}");
    let enrolled = ask(&app, ENROL, json!({ "input": { "programId": program, "key": "ann" } })).await;
    let referrer = json!({ "key": "ann", "name": "Ann", "status": "APPROVED", "customer": { "key": "ann" } });
    assert_eq!(enrolled, json!({ "customer": { "referrer": referrer }, "userErrors": [] }));
    let sale = |referrer: &str| {
        let amount = json!({ "amount": "10", "currency": "EUR" });
        let input =
            json!({ "key": "s1", "customerKey": "eve", "referringCustomerKey": referrer, "amount": amount });
        json!({ "id": program, "input": input })
    };
    assert_eq!(problem(&ask(&app, RECORD, sale("nobody")).await), "input.referringCustomerKey NOT_FOUND");
    let recorded = ask(&app, RECORD, sale("ann")).await;
    let attribution = json!({ "partner": { "key": "ann" } });
    assert_eq!(recorded["transaction"]["customer"]["attribution"], attribution, "{recorded}");
    app.run_jobs().await;
}

#[tokio::test]
async fn who_cannot_refer_is_named() {
    let app = TestApp::start().await;
    let (referral, affiliate) = (app.program_of("REFERRAL").await, app.program().await);
    ask(&app, UPSERT, json!({ "input": { "programId": referral, "key": "mute" } })).await;
    let named = |program: &ids::ProgramId, key: &str, by: &str| json!({ "input": { "programId": program, "key": key, "referringCustomerKey": by } });
    for (variables, expected) in [
        (named(&referral, "new", "mute"), "input.referringCustomerKey WRONG_STATE"),
        (named(&referral, "new", "nobody"), "input.referringCustomerKey NOT_FOUND"),
        (named(&referral, "new", "new"), "input.referringCustomerKey INVALID"),
        (named(&affiliate, "new", "old"), "input.referringCustomerKey INVALID"),
        (
            json!({ "input": { "programId": referral, "key": "new", "confirmed": false } }),
            "input.confirmed INVALID",
        ),
    ] {
        assert_eq!(problem(&ask(&app, UPSERT, variables.clone()).await), expected, "{variables}");
    }
    for (input, expected) in [
        (json!({ "programId": referral, "key": "mute" }), "input WRONG_STATE"),
        (json!({ "programId": referral, "key": "nobody" }), "input NOT_FOUND"),
        (json!({ "programId": referral }), "input INVALID"),
        (json!({ "programId": referral, "key": "mute", "partnerKey": "a b" }), "input.partnerKey INVALID"),
    ] {
        assert_eq!(problem(&ask(&app, ENROL, json!({ "input": input })).await), expected, "{input}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn a_subscriber_confirms() {
    let app = TestApp::start().await;
    let program = app.program_of("NEWSLETTER").await;
    let sue = json!({ "programId": program, "key": "sue", "confirmed": false });
    let stored = ask(&app, UPSERT, json!({ "input": sue })).await;
    assert_eq!(stored["customer"]["confirmedAt"], Value::Null);
    let signups = format!(
        "{{ it: program(id: \"{program}\") {{ kind stats(range: {{ from: \"2026-03-01\", \
        to: \"2026-04-01\" }}) {{ signups }} }} }}"
    );
    assert_eq!(
        ask(&app, &signups, json!({})).await,
        json!({ "kind": "NEWSLETTER", "stats": { "signups": 0 } })
    );
    let confirmed = ask(&app, CONFIRM, json!({ "input": { "programId": program, "key": "sue" } })).await;
    assert!(confirmed["customer"]["confirmedAt"].is_string(), "{confirmed}");
    assert_eq!(ask(&app, &signups, json!({})).await["stats"], json!({ "signups": 1 }));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_customer_changes_hands() {
    let app = TestApp::start().await;
    let program = app.program().await;
    let (jane, joe) = (app.partner(program, "jane").await, app.partner(program, "joe").await);
    app.customer(program, jane, "ann").await;
    let found = format!(
        "{{ it: customerByKey(programId: \"{program}\", key: \"ann\") {{ id attribution {{ at }} }} }}"
    );
    let ann = ask(&app, &found, json!({})).await;
    let input = |partner: Option<ids::PartnerId>, key: &str| json!({ "input": { "customerId": ann["id"], "partnerId": partner, "reason": "a mistake", "idempotencyKey": key } });
    let moved = ask(&app, REASSIGN, input(Some(joe), "one")).await;
    let attribution =
        json!({ "partner": { "key": "joe" }, "source": "MANUAL", "at": ann["attribution"]["at"] });
    assert_eq!(moved, json!({ "customer": { "attribution": attribution }, "userErrors": [] }));
    assert_eq!(problem(&ask(&app, REASSIGN, input(Some(joe), "two")).await), "input.partnerId WRONG_STATE");
    assert_eq!(
        problem(&ask(&app, REASSIGN, input(None, "one")).await),
        "input.idempotencyKey IDEMPOTENCY_MISMATCH"
    );
    let revoked = ask(&app, REASSIGN, input(None, "three")).await;
    assert_eq!(revoked, json!({ "customer": { "attribution": null }, "userErrors": [] }));
    app.run_jobs().await;
}

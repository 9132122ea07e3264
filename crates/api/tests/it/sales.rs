//! Sales, their rewards and reasons, as clients meet them.

use std::time::Duration;

use domain::team::{Permission as P, Role};
use serde_json::json;
use test_support::TestApp;

use crate::shop::{Shop, create_program, record, text};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_sale_is_rewarded_held_and_released() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let key =
        app.api_key(&[P::TransactionsWrite, P::TransactionsRead, P::RewardsRead, P::PartnersRead], &[]).await;
    let recorded = record(&key, &shop.program, "order-1", "ada", "99.99").await;
    let sale = "query($id: ID!) { transaction(id: $id) { net { amount } nonRewards { reason } rewards {
        status ruleId amount { amount minorUnits currency } heldUntil releasedAt explanation { sentences }
        partner { key balances { held { amount } available { amount } } } } } }";
    let id = json!({ "id": recorded["transaction"]["id"] });
    assert_eq!(
        key.gql(sale, id.clone()).await.ok()["transaction"]["rewards"],
        json!([]),
        "not evaluated yet"
    );
    app.run_jobs().await;
    let held = key.gql(sale, id.clone()).await.ok();
    let reward = &held["transaction"]["rewards"][0];
    assert_eq!(reward["amount"], json!({ "amount": "20.00", "minorUnits": "2000", "currency": "USD" }));
    assert_eq!((reward["status"].as_str(), reward["ruleId"].as_str()), (Some("HELD"), Some("sale")));
    assert_eq!(
        reward["explanation"]["sentences"][2],
        "Rule sale, 20 % of the net of the sale: 1 line of net 99.99 USD, exactly 19.998 USD, rounded to 20.00 USD."
    );
    assert_eq!(reward["partner"]["balances"][0]["held"]["amount"], "20.00");
    app.advance(29 * DAY).await;
    app.run_jobs().await;
    assert_eq!(key.gql(sale, id.clone()).await.ok()["transaction"]["rewards"][0]["status"], "HELD");
    app.advance(DAY).await;
    app.run_jobs().await;
    let released = key.gql(sale, id).await.ok();
    let reward = &released["transaction"]["rewards"][0];
    assert_eq!(reward["status"], "AVAILABLE");
    assert_eq!(
        reward["partner"]["balances"][0],
        json!({ "held": { "amount": "0.00" }, "available": { "amount": "20.00" } })
    );
}

#[tokio::test]
async fn the_same_key_is_the_same_sale_and_other_words_are_a_conflict() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let first = record(&app.owner(), &shop.program, "order-1", "ada", "10").await;
    let again = record(&app.owner(), &shop.program, "order-1", "ada", "10.00").await;
    assert_eq!(first, again);
    let other = record(&app.owner(), &shop.program, "order-1", "ada", "10.01").await;
    assert_eq!(other["transaction"], json!(null));
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH");
    assert_eq!(other["userErrors"][0]["field"], json!(["input", "key"]));
    app.run_jobs().await;
    let total =
        app.owner().gql("{ rewards { totalCount } transactions { totalCount } }", json!({})).await.ok();
    assert_eq!(total, json!({ "rewards": { "totalCount": 1 }, "transactions": { "totalCount": 1 } }));
}

#[tokio::test]
async fn many_at_once_are_taken_or_refused_one_by_one() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let query = "mutation($id: ID!, $inputs: [TransactionInput!]!) { transactionRecordMany(programId: $id, inputs: $inputs) {
        results { transaction { key } userErrors { field code } } userErrors { code } } }";
    let sale = |key: &str, amount: &str, items: serde_json::Value| json!({ "key": key, "customerKey": "ada", "amount": { "amount": amount, "currency": "USD" }, "items": items });
    let inputs = json!([
        sale("a", "10", json!([])),
        sale("b", "10.001", json!([])),
        sale("c", "10", json!([{ "amount": "11" }])),
        sale("a", "10", json!([])),
        sale("a", "12", json!([])),
        sale("", "-1", json!([{ "amount": "1", "quantity": 0 }])),
    ]);
    let answer = app.owner().gql(query, json!({ "id": shop.program, "inputs": inputs })).await.ok();
    let results = answer["transactionRecordMany"]["results"].as_array().unwrap().clone();
    let codes: Vec<Vec<String>> = results
        .iter()
        .map(|result| {
            let errors = result["userErrors"].as_array().unwrap();
            errors
                .iter()
                .map(|error| {
                    format!(
                        "{}:{}",
                        error["field"].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join("."),
                        text(&error["code"])
                    )
                })
                .collect()
        })
        .collect();
    assert_eq!(codes[0], Vec::<String>::new());
    assert_eq!(codes[1], ["inputs.1.amount:INVALID"]);
    assert_eq!(codes[2], ["inputs.2.items:INVALID"]);
    assert_eq!(codes[3], Vec::<String>::new());
    assert_eq!(codes[4], ["inputs.4.key:IDEMPOTENCY_MISMATCH"]);
    assert!(codes[5].contains(&"inputs.5.key:REQUIRED".to_owned()), "{codes:?}");
    assert!(codes[5].contains(&"inputs.5.amount:INVALID".to_owned()), "{codes:?}");
    assert!(codes[5].contains(&"inputs.5.items.0.quantity:INVALID".to_owned()), "{codes:?}");
    app.run_jobs().await;
}

#[tokio::test]
async fn four_actors_record_a_sale() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let query =
        "mutation($id: ID!) { transactionRecord(programId: $id, input: { key: \"x\", customerKey: \"ada\",
        amount: { amount: \"1\", currency: \"USD\" } }) { transaction { id } userErrors { code } } }";
    let id = json!({ "id": shop.program });
    assert_eq!(app.nobody().gql(query, id.clone()).await.code(), "UNAUTHENTICATED");
    assert_eq!(app.member(Role::Viewer).await.gql(query, id.clone()).await.code(), "FORBIDDEN");
    assert_eq!(app.outsider().await.gql(query, id.clone()).await.user_error_codes(), ["NOT_FOUND"]);
    let other = create_program(&app.owner(), "Other", "USD").await;
    let elsewhere = app.api_key(&[P::TransactionsWrite], &[other.parse().unwrap()]).await;
    assert_eq!(elsewhere.gql(query, id.clone()).await.user_error_codes(), ["NOT_FOUND"]);
    let none = app.owner().gql("{ transactions { totalCount } }", json!({})).await.ok();
    assert_eq!(none["transactions"]["totalCount"], 0, "nothing was changed by those who may not");
    app.member(Role::Manager).await.gql(query, id).await.ok();
    app.run_jobs().await;
}

#[tokio::test]
async fn drafts_refuse_sales_and_paused_programs_attribute_nobody() {
    let app = TestApp::start().await;
    let owner = app.owner();
    let draft = create_program(&owner, "Draft", "USD").await;
    assert_eq!(record(&owner, &draft, "a", "ada", "1").await["userErrors"][0]["code"], "WRONG_STATE");
    let shop = Shop::open(&app).await;
    let pause = "mutation($id: ID!) { programPause(id: $id) { program { status } userErrors { code } } }";
    owner.gql(pause, json!({ "id": shop.program })).await.ok();
    let upsert = "mutation($id: ID!, $key: String!) { customerUpsert(input: { programId: $id, key: \"bob\", partnerKey: $key }) {
        customer { attribution { source } } userErrors { code } } }";
    let bob = owner.gql(upsert, json!({ "id": shop.program, "key": shop.partner_key })).await.ok();
    assert_eq!(bob["customerUpsert"]["customer"]["attribution"], json!(null));
    record(&owner, &shop.program, "b", "bob", "1").await;
    record(&owner, &shop.program, "a", "ada", "1").await;
    app.run_jobs().await;
    let sales = owner.gql(
        "{ transactions { nodes { key rewards { amount { amount } } nonRewards { reason } } } }",
        json!({}),
    );
    let sales = sales.await.ok();
    assert_eq!(sales["transactions"]["nodes"][0]["rewards"][0]["amount"]["amount"], "0.20");
    assert_eq!(sales["transactions"]["nodes"][1]["nonRewards"], json!([{ "reason": "NO_ATTRIBUTION" }]));
}

#[tokio::test]
async fn a_self_referral_under_review_is_approved_or_rejected_by_a_person() {
    let app = TestApp::start().await;
    let owner = app.owner();
    let shop = Shop::open(&app).await;
    let put = "mutation($id: ID!) { termsDraftPut(programId: $id, input: { holdDays: 1, selfReferral: REVIEW,
        rules: [{ id: \"sale\", trigger: SALE, value: { type: FIXED, amount: \"5\" } }] }) { terms { id } userErrors { message } } }";
    app.advance(DAY).await;
    let draft = owner.gql(put, json!({ "id": shop.program })).await.ok();
    let publish = "mutation($id: ID!) { termsPublish(id: $id) { terms { number } userErrors { message } } }";
    owner.gql(publish, json!({ "id": draft["termsDraftPut"]["terms"]["id"] })).await.ok();
    let upsert = "mutation($id: ID!, $key: String!) { customerUpsert(input: { programId: $id, key: \"self\",
        email: \"Pat+shop@Example.com\", partnerKey: $key }) { customer { id } userErrors { code } } }";
    owner.gql(upsert, json!({ "id": shop.program, "key": shop.partner_key })).await.ok();
    record(&owner, &shop.program, "one", "self", "50").await;
    record(&owner, &shop.program, "two", "self", "50").await;
    app.run_jobs().await;
    let list = "{ rewards(filter: { status: [PENDING_REVIEW] }) { nodes { id } } }";
    let pending = owner.gql(list, json!({})).await.ok()["rewards"]["nodes"].clone();
    assert_eq!(pending.as_array().unwrap().len(), 2);
    let approve = "mutation($id: ID!) { rewardApprove(id: $id) { reward { status } userErrors { code } } }";
    let reject = "mutation($id: ID!, $reason: String!) { rewardReject(id: $id, reason: $reason) {
        reward { status partner { balances { held { amount } } } } userErrors { field code } } }";
    let (first, second) = (pending[0]["id"].clone(), pending[1]["id"].clone());
    assert_eq!(app.member(Role::Viewer).await.gql(approve, json!({ "id": first })).await.code(), "FORBIDDEN");
    assert_eq!(
        app.outsider().await.gql(approve, json!({ "id": first })).await.user_error_codes(),
        ["NOT_FOUND"]
    );
    let approved = owner.gql(approve, json!({ "id": first })).await.ok();
    assert_eq!(approved["rewardApprove"]["reward"]["status"], "HELD");
    assert_eq!(owner.gql(approve, json!({ "id": first })).await.user_error_codes(), ["WRONG_STATE"]);
    assert_eq!(
        owner.gql(reject, json!({ "id": second, "reason": " " })).await.user_error_codes(),
        ["INVALID"]
    );
    let rejected = owner.gql(reject, json!({ "id": second, "reason": "His own order." })).await.ok();
    assert_eq!(rejected["rewardReject"]["reward"]["status"], "REJECTED");
    assert_eq!(rejected["rewardReject"]["reward"]["partner"]["balances"][0]["held"]["amount"], "5.00");
    app.run_jobs().await;
}

//! What waits for people is an action item.

use domain::team::Role;
use serde_json::{Value, json};
use test_support::TestApp;

use super::till::{EXECUTE, Till, refusals, text};

const ITEMS: &str = "{ overview { actionItems { kind count amounts { amount currency } sentence href } } }";

/// The items of payouts: kind, count, amount.
async fn items(app: &TestApp) -> Vec<Value> {
    let seen = app.member(Role::Viewer).await.gql(ITEMS, json!({})).await.ok();
    let all = seen["overview"]["actionItems"].as_array().unwrap().iter();
    let of_payouts = all.filter(|item| item["kind"].as_str().unwrap().starts_with("PAYOUT"));
    of_payouts.map(|item| json!([item["kind"], item["count"], item["amounts"][0]["amount"]])).collect()
}

#[tokio::test]
async fn what_waits_for_people_is_told() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.four_eyes(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    assert_eq!(items(&app).await, Vec::<Value>::new());
    let payout = till.request(&app, bob, "k").await;
    assert_eq!(items(&app).await, [json!(["PAYOUTS_TO_APPROVE", 1, "20.00"])]);
    let approve = "mutation($ids: [ID!]!) { payoutsApprove(ids: $ids) { userErrors { code } } }";
    app.owner().gql(approve, json!({ "ids": [payout] })).await.ok();
    assert_eq!(items(&app).await, Vec::<Value>::new());
    let batch = till.batch(&app, &app.owner(), "b").await;
    assert_eq!(items(&app).await, [json!(["PAYOUT_BATCHES_TO_APPROVE", 1, "20.00"])]);
    let approve = "mutation($id: ID!) { payoutBatchApprove(id: $id) { userErrors { code } } }";
    let approver = app.member(Role::Finance).await;
    approver.gql(approve, json!({ "id": batch })).await.ok();
    assert_eq!(items(&app).await, [json!(["PAYOUT_BATCHES_TO_EXECUTE", 1, "20.00"])]);
    let origin = |origin| {
        format!(
            "SET session_replication_role = replica; UPDATE payout_batches SET origin = '{origin}'; RESET session_replication_role"
        )
    };
    app.sql(&origin("SCHEDULE")).await;
    let variables = json!({ "id": batch, "total": { "amount": "20", "currency": "EUR" }, "key": "alone" });
    let alone = approver.gql(EXECUTE, variables).await;
    assert_eq!(refusals(&alone), ["FORBIDDEN id"], "nobody else has seen it");
    app.sql(&origin("MANUAL")).await;
    till.execute(&app, &batch, "20").await;
    assert_eq!(items(&app).await, Vec::<Value>::new());
    app.sql("UPDATE payout_submissions SET status = 'REFUSED'").await;
    assert_eq!(items(&app).await, [json!(["PAYOUTS_REFUSED", 1, "20.00"])]);
    app.sql("UPDATE payout_submissions SET status = 'ACCEPTED'").await;
    let fail = "mutation($id: ID!) { payoutMarkFailed(id: $id, code: \"X\", reason: \"r\") { userErrors { code } } }";
    app.owner().gql(fail, json!({ "id": payout })).await.ok();
    assert_eq!(items(&app).await, [json!(["PAYOUTS_FAILED", 1, "20.00"])]);
    let retry = "mutation($id: ID!) { payoutBatchRetry(id: $id, idempotencyKey: \"r\") { batch { id } userErrors { code } } }";
    let retried = app.owner().gql(retry, json!({ "id": batch })).await.ok();
    app.run_jobs().await;
    text(&retried["payoutBatchRetry"]["batch"]["id"]);
    assert_eq!(items(&app).await, [json!(["PAYOUT_BATCHES_TO_APPROVE", 1, "20.00"])], "it is tried again");
}

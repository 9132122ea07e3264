//! Decisions about many rewards at once.

use std::time::Duration;

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

use crate::shop::{Shop, create_program, record};

const REJECT: &str = "mutation($selection: RewardSelection!, $reason: String!) {
    rewardsReject(selection: $selection, reason: $reason) { rewards { id status net { amount } }
        operation { id kind state total done reason } userErrors { field code } } }";

/// Three sales to customers who are the partner, of which each next one is a twin of the one before; the ids of the
/// rewards under review, the oldest first.
async fn under_review(app: &TestApp) -> (Shop, Vec<Value>) {
    let owner = app.owner();
    let shop = Shop::open(app).await;
    app.advance(Duration::from_secs(86_400)).await;
    let put = "mutation($id: ID!) { termsDraftPut(programId: $id, input: { holdDays: 1, selfReferral: REVIEW,
        duplicateSaleMinutes: 60, rules: [{ id: \"sale\", trigger: SALE, value: { type: FIXED, amount: \"5\" } }] }) {
            terms { id } userErrors { message } } }";
    let draft = owner.gql(put, json!({ "id": shop.program })).await.ok();
    let publish = "mutation($id: ID!) { termsPublish(id: $id) { terms { number } userErrors { message } } }";
    owner.gql(publish, json!({ "id": draft["termsDraftPut"]["terms"]["id"] })).await.ok();
    let upsert = "mutation($id: ID!, $key: String!) { customerUpsert(input: { programId: $id, key: \"self\",
        email: \"Pat+shop@Example.com\", partnerKey: $key }) { customer { id } userErrors { code } } }";
    owner.gql(upsert, json!({ "id": shop.program, "key": shop.partner_key })).await.ok();
    for key in ["one", "two", "three"] {
        record(&owner, &shop.program, key, "self", "50").await;
        app.advance(Duration::from_secs(60)).await;
    }
    app.run_jobs().await;
    let list = "{ rewards(filter: { underReviewFor: [SELF_REFERRAL] }) { nodes { id } } }";
    let listed = owner.gql(list, json!({})).await.ok();
    let ids = listed["rewards"]["nodes"].as_array().unwrap().iter().rev().map(|node| node["id"].clone());
    let ids: Vec<Value> = ids.collect();
    assert_eq!(ids.len(), 3);
    (shop, ids)
}

async fn reject(actor: &Actor, selection: Value) -> Value {
    let answer = actor.gql(REJECT, json!({ "selection": selection, "reason": "His own orders." })).await;
    answer.data["rewardsReject"].clone()
}

#[tokio::test]
async fn rewards_say_why_they_wait_and_are_decided_by_ids_each_by_itself() {
    let app = TestApp::start().await;
    let (_shop, ids) = under_review(&app).await;
    let twins = "{ rewards(filter: { underReviewFor: [DUPLICATE_SALE] }) { totalCount nodes {
        reviewReasons { code transaction { key } since } transaction { key } } } }";
    let seen = app.owner().gql(twins, json!({})).await.ok()["rewards"].take();
    assert_eq!(seen["totalCount"], 2);
    let second = &seen["nodes"][1];
    assert_eq!(second["transaction"]["key"], "two");
    let codes: Vec<_> =
        second["reviewReasons"].as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect();
    assert_eq!(codes, ["SELF_REFERRAL", "DUPLICATE_SALE"]);
    let evidence = &second["reviewReasons"][1];
    assert_eq!(evidence["transaction"]["key"], "one");
    assert!(evidence["since"].is_string(), "{evidence}");

    let approve = "mutation($ids: [ID!]!) { rewardsApprove(selection: { ids: $ids }) {
        rewards { id status } operation { id } userErrors { field code } } }";
    let approved = app.owner().gql(approve, json!({ "ids": [ids[0]] })).await.ok();
    assert_eq!(
        approved["rewardsApprove"],
        json!({ "rewards": [{ "id": ids[0], "status": "HELD" }], "operation": null, "userErrors": [] })
    );
    let again = app.owner().gql(approve, json!({ "ids": [ids[1], ids[0]] })).await;
    assert_eq!(again.data["rewardsApprove"]["rewards"][0]["id"], ids[1]);
    assert_eq!(
        again.data["rewardsApprove"]["userErrors"],
        json!([{ "field": ["selection", "ids", "1"], "code": "WRONG_STATE" }])
    );
    let rejected = reject(&app.owner(), json!({ "ids": ids })).await;
    assert_eq!(rejected["rewards"].as_array().unwrap().len(), 3, "also what is held: {rejected}");
    assert_eq!(
        rejected["rewards"][2],
        json!({ "id": ids[2], "status": "REJECTED", "net": { "amount": "0.00" } })
    );
    for selection in [json!({}), json!({ "ids": ids, "filter": {} })] {
        assert_eq!(reject(&app.owner(), selection).await["userErrors"][0]["code"], "INVALID");
    }
    let mute = json!({ "selection": { "filter": {} }, "reason": " " });
    assert_eq!(app.owner().gql(REJECT, mute).await.user_error_codes(), ["INVALID"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_filter_is_decided_by_an_operation_within_reach() {
    let app = TestApp::start().await;
    let (shop, _) = under_review(&app).await;
    let other = create_program(&app.owner(), "Other", "USD").await;
    let elsewhere = app.api_key(&[P::RewardsWrite, P::RewardsRead], &[other.parse().unwrap()]).await;
    let all = json!({ "filter": { "programIds": [shop.program] } });
    for actor in [&elsewhere, &app.outsider().await] {
        let begun = reject(actor, all.clone()).await;
        assert_eq!(
            (&begun["operation"]["total"], &begun["operation"]["state"]),
            (&json!(0), &json!("RUNNING"))
        );
    }
    app.run_jobs().await;
    let waiting = "{ rewards(filter: { status: [PENDING_REVIEW] }) { totalCount } }";
    assert_eq!(app.owner().gql(waiting, json!({})).await.ok()["rewards"]["totalCount"], 3);
    let one = json!({ "filter": { "underReviewFor": ["DUPLICATE_SALE"] } });
    let mut begun = reject(&app.owner(), one).await;
    let id = begun["operation"]["id"].take();
    assert_eq!(
        begun,
        json!({ "rewards": [], "userErrors": [], "operation": { "id": null, "kind": "REWARDS_REJECT", "state": "RUNNING",
            "total": 2, "done": 0, "reason": "His own orders." } })
    );
    app.run_jobs().await;
    let asked = "query($id: ID!) { operation(id: $id) { state done job { state } } }";
    let ended = app.owner().gql(asked, json!({ "id": id })).await.ok();
    assert_eq!(ended["operation"], json!({ "state": "DONE", "done": 2, "job": { "state": "DONE" } }));
    assert_eq!(app.owner().gql(waiting, json!({})).await.ok()["rewards"]["totalCount"], 1);
}

//! Batches of what another rail does not reach.

use serde_json::json;
use test_support::TestApp;

use super::till::{CREATE_BATCH, SET_METHOD, Till, refusals, text};

const PREVIEW: &str = "query($input: PayoutBatchInput!) { payoutBatchPreview(input: $input) {
    preview { madeCount made { partner { key } } leftOutCount
        leftOut { partner { key } reason available { amount } payout { id } } } userErrors { field code } } }";

#[tokio::test]
async fn a_list_beyond_a_rail_has_what_that_leaves() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.partner(&app, "bob", "20").await;
    let domestic = json!({ "bank": { "holder": "Ann", "account":
        { "us": { "routingNumber": "021000021", "accountNumber": "123456789", "accountType": "CHECKING" } } } });
    let iban =
        json!({ "bank": { "holder": "Cat", "account": { "iban": { "iban": "DE89370400440532013000" } } } });
    for (key, method) in [("ann", domestic), ("cat", iban)] {
        let partner = till.partner_without_method(&app, key, "10").await;
        app.owner().gql(SET_METHOD, json!({ "id": partner, "input": method })).await.ok();
    }
    let input = |rail: &str, beyond: Option<&str>| json!({ "programId": till.program, "rail": rail, "beyond": beyond });
    let seen = app.owner().gql(PREVIEW, json!({ "input": input("FILE", Some("SEPA_FILE")) })).await.ok();
    let preview = &seen["payoutBatchPreview"]["preview"];
    assert_eq!(preview["made"], json!([{ "partner": { "key": "ann" } }]), "{preview}");
    for (rail, beyond) in [("FILE", "FILE"), ("SEPA_FILE", "WISE")] {
        let refused = app.owner().gql(PREVIEW, json!({ "input": input(rail, Some(beyond)) })).await;
        assert_eq!(refusals(&refused), ["INVALID input.beyond"], "{rail}");
    }
    let new = json!({ "input": input("FILE", Some("SEPA_FILE")), "key": "b" });
    let made = app.owner().gql(CREATE_BATCH, new).await.ok();
    app.run_jobs().await;
    let batch =
        "query($id: ID!) { payoutBatch(id: $id) { rail beyond methods payoutCount total { amount } } }";
    let seen = app.owner().gql(batch, json!({ "id": made["payoutBatchCreate"]["batch"]["id"] })).await.ok();
    assert_eq!(
        seen["payoutBatch"],
        json!({ "rail": "FILE", "beyond": "SEPA_FILE", "methods": null, "payoutCount": 1, "total": { "amount": "10.00" } })
    );
}

#[tokio::test]
async fn a_preview_names_the_approved_payout_that_stays_out() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let payout = till.request(&app, bob, "k").await;
    let approve =
        "mutation($ids: [ID!]!) { payoutsApprove(ids: $ids) { payouts { status } userErrors { code } } }";
    app.owner().gql(approve, json!({ "ids": [payout] })).await.ok();
    let input = json!({ "input": { "programId": till.program, "rail": "SEPA_FILE" } });
    let seen = app.owner().gql(PREVIEW, input).await.ok();
    let row = &seen["payoutBatchPreview"]["preview"]["leftOut"][0];
    assert_eq!(
        (text(&row["reason"]), text(&row["available"]["amount"]), text(&row["payout"]["id"])),
        ("METHOD_OF_ANOTHER_BATCH".to_owned(), "20.00".to_owned(), payout)
    );
    app.run_jobs().await;
}

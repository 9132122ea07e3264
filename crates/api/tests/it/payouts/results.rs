//! Files of results: what people bring back closes each line.

use diesel::{dsl::sql, sql_types::BigInt};
use domain::team::{Permission as P, Role};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

use super::till::{Till, refusals, text};

const IMPORT: &str = "mutation($id: ID!, $file: ID!) { payoutBatchImportResults(id: $id, fileId: $file) {
    results { id status } userErrors { field code } } }";
const SEEN: &str = "query($id: ID!) { payoutBatch(id: $id) { status
    payouts { nodes { id status providerReference reason } } results { status settled unchanged problems } } }";

async fn given(actor: &Actor, bytes: &[u8]) -> String {
    let response = actor.give_file("results.csv", "text/csv", bytes).await;
    assert_eq!(response.status, 201, "{response:?}");
    text(&serde_json::from_slice::<Value>(&response.body).unwrap()["id"])
}

/// How many files say in the database what is in them.
async fn readable_files(app: &TestApp) -> i64 {
    use diesel_async::RunQueryDsl;
    let count = sql::<BigInt>("(SELECT count(*) FROM files WHERE position('reference'::bytea in bytes) > 0)");
    diesel::select(count).get_result(&mut *app.conn().await).await.unwrap()
}

#[tokio::test]
async fn a_list_that_was_filled_in_closes_each_line() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.partner(&app, "ann", "20").await;
    till.partner(&app, "bob", "5").await;
    let batch = till.batch(&app, &app.owner(), "k").await;
    till.execute(&app, &batch, "25").await;
    let seen = app.owner().gql(SEEN, json!({ "id": batch })).await.ok();
    let id = |at: usize| text(&seen["payoutBatch"]["payouts"]["nodes"][at]["id"]);
    let lines = format!(
        "reference,status,provider_reference,reason,name\n{},paid,B-7,,M\u{fc}ller\n{},failed,,closed,\nnobody,paid,,,\n",
        id(0),
        id(1)
    );
    let finance = app.member(Role::Finance).await;
    // As a spreadsheet in Western Europe saves it.
    let lines: Vec<u8> = lines.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let file = given(&app.api_key(&[P::PayoutsApprove], &[]).await, &lines).await;
    assert_eq!(readable_files(&app).await, 0, "what is given is sealed");
    let variables = json!({ "id": batch, "file": file });
    let taken = finance.gql(IMPORT, variables.clone()).await.ok();
    assert_eq!(taken["payoutBatchImportResults"]["results"]["status"], "PENDING");
    app.run_jobs().await;
    let read = app.owner().gql(SEEN, json!({ "id": batch })).await.ok();
    let read = &read["payoutBatch"];
    assert_eq!(read["status"], "PARTLY_FAILED");
    let nodes = &read["payouts"]["nodes"];
    assert_eq!((&nodes[0]["status"], &nodes[0]["providerReference"]), (&json!("PAID"), &json!("B-7")));
    assert_eq!((&nodes[1]["status"], &nodes[1]["reason"]), (&json!("FAILED"), &json!("closed")));
    let results = &read["results"][0];
    assert_eq!((&results["status"], &results["settled"]), (&json!("READ"), &json!(2)));
    assert_eq!(results["problems"].as_array().map(Vec::len), Some(1), "{results}");
    let again = finance.gql(IMPORT, variables).await.ok();
    assert_eq!(again["payoutBatchImportResults"]["results"]["status"], "READ", "the same file once");
}

#[tokio::test]
async fn what_is_no_list_or_comes_too_early_is_refused() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.partner(&app, "ann", "20").await;
    let batch = till.batch(&app, &app.owner(), "k").await;
    let file = given(&app.owner(), b"<html></html>").await;
    let variables = json!({ "id": batch, "file": file });
    let early = app.owner().gql(IMPORT, variables.clone()).await;
    assert_eq!(refusals(&early), ["WRONG_STATE"]);
    let unknown = json!({ "id": batch, "file": "fil_01h455vb4pex5vsknk084sn02q" });
    till.execute(&app, &batch, "20").await;
    assert_eq!(refusals(&app.owner().gql(IMPORT, unknown).await), ["NOT_FOUND fileId"]);
    app.owner().gql(IMPORT, variables.clone()).await.ok();
    app.run_jobs().await;
    let seen = app.owner().gql(SEEN, json!({ "id": batch })).await.ok();
    assert_eq!(seen["payoutBatch"]["results"][0]["status"], "REFUSED", "{seen}");
    assert_eq!(seen["payoutBatch"]["payouts"]["nodes"][0]["status"], "SENDING");
    let stranger = app.outsider().await;
    assert_eq!(refusals(&stranger.gql(IMPORT, variables).await), ["NOT_FOUND id"]);
}

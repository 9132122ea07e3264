//! What becomes of batches: cancelled, failed, tried again.

use domain::team::Role;
use serde_json::{Value, json};
use test_support::TestApp;

use super::till::{CREATE_BATCH, EXECUTE, Till, euro, refusals, text};

const BATCH: &str = "query($id: ID!) { payoutBatch(id: $id) { status payoutCount total { amount } failedCount viewerCan retryOf { id }
    payouts { nodes { id status retryOf { id } failureCode reason } } } }";

async fn batch(app: &TestApp, id: &str) -> Value {
    app.owner().gql(BATCH, json!({ "id": id })).await.ok()["payoutBatch"].clone()
}

async fn on(app: &TestApp, mutation: &str, id: &str) -> test_support::Answer {
    let query =
        format!("mutation($id: ID!) {{ it: {mutation} {{ userErrors {{ field code message details }} }} }}");
    app.owner().gql(&query, json!({ "id": id })).await
}

#[tokio::test]
async fn a_cancelled_batch_gives_everything_back() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.partner(&app, "bob", "20").await;
    let id = till.batch(&app, &app.owner(), "b").await;
    assert_eq!(batch(&app, &id).await["viewerCan"], json!(["EXECUTE", "CANCEL"]));
    on(&app, "payoutBatchCancel(id: $id)", &id).await.ok();
    app.run_jobs().await;
    let cancelled = batch(&app, &id).await;
    assert_eq!((&cancelled["status"], &cancelled["viewerCan"]), (&json!("CANCELLED"), &json!([])));
    let balances = "{ partners { nodes { balances { available { amount } reserved { amount } } } } }";
    let balances = app.owner().gql(balances, json!({})).await.ok();
    assert_eq!(
        balances["partners"]["nodes"][0]["balances"],
        json!([{ "available": { "amount": "20.00" }, "reserved": { "amount": "0.00" } }])
    );
    assert_eq!(refusals(&on(&app, "payoutBatchCancel(id: $id)", &id).await), ["WRONG_STATE"]);
}

#[tokio::test]
async fn what_failed_is_tried_again_by_another_batch() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.partner(&app, "bob", "20").await;
    let id = till.batch(&app, &app.owner(), "b").await;
    till.execute(&app, &id, "20").await;
    let payout = text(&batch(&app, &id).await["payouts"]["nodes"][0]["id"]);
    assert_eq!(
        refusals(&on(&app, "payoutMarkFailed(id: $id, code: \"\", reason: \"r\")", &payout).await),
        ["REQUIRED code"]
    );
    on(&app, "payoutMarkFailed(id: $id, code: \"CLOSED\", reason: \"The account is closed\")", &payout)
        .await
        .ok();
    app.run_jobs().await;
    let failed = batch(&app, &id).await;
    assert_eq!((&failed["status"], &failed["viewerCan"]), (&json!("PARTLY_FAILED"), &json!(["RETRY"])));
    let one = &failed["payouts"]["nodes"][0];
    assert_eq!((&one["failureCode"], &one["reason"]), (&json!("CLOSED"), &json!("The account is closed")));
    let retry = "mutation($id: ID!) { payoutBatchRetry(id: $id, idempotencyKey: \"again\") {
        batch { id origin } userErrors { field code } } }";
    let begun = app.owner().gql(retry, json!({ "id": id })).await.ok();
    let again = &begun["payoutBatchRetry"]["batch"];
    assert_eq!(again["origin"], "RETRY");
    let replayed = app.owner().gql(retry, json!({ "id": id })).await.ok();
    assert_eq!(replayed["payoutBatchRetry"]["batch"]["id"], again["id"]);
    app.run_jobs().await;
    let second = batch(&app, &text(&again["id"])).await;
    assert_eq!((&second["retryOf"]["id"], &second["total"]["amount"]), (&json!(id), &json!("20.00")));
    assert_eq!(second["payouts"]["nodes"][0]["retryOf"]["id"], json!(payout));
    let other = json!({ "id": again["id"] });
    assert_eq!(refusals(&app.owner().gql(retry, other).await), ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
}

#[tokio::test]
async fn what_cannot_be_a_batch_is_refused() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let finance = app.member(Role::Finance).await;
    let of = |more: Value| {
        let mut input = json!({ "programId": till.program, "rail": "MANUAL" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "input": input, "key": "k" })
    };
    for (variables, told) in [
        (of(json!({ "rail": "SEPA_FILE", "currency": "USD" })), "CURRENCY_MISMATCH input.rail"),
        (of(json!({ "methods": ["BANK"] })), "INVALID input.methods"),
        (of(json!({ "partnerIds": [] })), "REQUIRED input.partnerIds"),
        (of(json!({ "cutoffAt": "2027-01-01T00:00:00Z" })), "INVALID input.cutoffAt"),
        (of(json!({ "programId": "prg_01h455vb4pex5vsknk084sn02q" })), "NOT_FOUND input.programId"),
    ] {
        assert_eq!(refusals(&finance.gql(CREATE_BATCH, variables.clone()).await), [told], "{variables}");
        let preview = "query($input: PayoutBatchInput!) { payoutBatchPreview(input: $input) {
            preview { count } userErrors { field code } } }";
        assert_eq!(refusals(&finance.gql(preview, json!({ "input": variables["input"] })).await), [told]);
    }
    let keyless = json!({ "input": { "programId": till.program, "rail": "MANUAL" }, "key": "" });
    assert_eq!(refusals(&finance.gql(CREATE_BATCH, keyless).await), ["REQUIRED idempotencyKey"]);
    let made = finance.gql(CREATE_BATCH, of(json!({}))).await.ok();
    assert_eq!(finance.gql(CREATE_BATCH, of(json!({}))).await.ok(), made, "the same key and words");
    let other = of(json!({ "rail": "FILE" }));
    assert_eq!(refusals(&finance.gql(CREATE_BATCH, other).await), ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
    app.run_jobs().await;
    let empty = text(&made["payoutBatchCreate"]["batch"]["id"]);
    assert_eq!(batch(&app, &empty).await["status"], "CANCELLED", "there was nothing to pay");
    let execute = json!({ "id": empty, "total": euro("0"), "key": "k" });
    assert_eq!(refusals(&finance.gql(EXECUTE, execute).await), ["WRONG_STATE"]);
    let precise = json!({ "id": empty, "total": euro("0.001"), "key": "k" });
    assert_eq!(refusals(&finance.gql(EXECUTE, precise).await), ["INVALID confirmedTotal.amount"]);
}

#[tokio::test]
async fn a_refused_submission_is_sent_again() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.partner(&app, "bob", "20").await;
    let id = till.batch(&app, &app.owner(), "b").await;
    till.execute(&app, &id, "20").await;
    let submissions = "query($id: ID!) { payoutBatch(id: $id) { submissions { id status } } }";
    let found = app.owner().gql(submissions, json!({ "id": id })).await.ok();
    let submission = text(&found["payoutBatch"]["submissions"][0]["id"]);
    let retry = "payoutSubmissionRetry(id: $id)";
    assert_eq!(batch(&app, &id).await["viewerCan"], json!([]), "it is on its way");
    app.sql("UPDATE payout_submissions SET status = 'DONE'").await;
    assert_eq!(refusals(&on(&app, retry, &submission).await), ["WRONG_STATE"], "it has ended");
    app.sql("UPDATE payout_submissions SET status = 'REFUSED'").await;
    assert_eq!(batch(&app, &id).await["viewerCan"], json!(["CANCEL"]));
    on(&app, retry, &submission).await.ok();
    let jobs = "{ jobs(filter: { kind: \"payouts.submit\" }) { totalCount } }";
    assert_eq!(app.owner().gql(jobs, json!({})).await.ok()["jobs"]["totalCount"], 1);
    app.leave_jobs();
}

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::shop::{Shop, record, text};

const START: &str = "mutation($id: ID!, $from: Date!, $to: Date!) {
    termsSimulate(id: $id, range: { from: $from, to: $to }) { operation { id kind state done } userErrors { field code } } }";

const ASK: &str = "query($id: ID!) { simulation(id: $id) {
    operation { state } terms { number } from to failure
    totals { simulated { amount currency } earned { amount } difference { amount } }
    byPartner: rows(groupBy: PARTNER) { totalCount nodes { partner { email } productId month difference { amount } } }
    byMonth: rows(groupBy: MONTH) { nodes { partnerId month simulated { amount } earned { amount } } }
    rows { totalCount nodes { partner { email } customer { key } productId month simulated { amount } earned { amount } } } } }";

#[tokio::test]
async fn a_draft_says_what_it_would_have_paid() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let owner = app.owner();
    record(&owner, &shop.program, "one", "ada", "100").await;
    record(&owner, &shop.program, "two", "ada", "50").await;
    app.run_jobs().await;
    let put = "mutation($id: ID!) { termsDraftPut(programId: $id, input: { holdDays: 30, rules: [
        { id: \"sale\", trigger: SALE, value: { type: PERCENT, percent: \"30\" } }] }) { terms { id } } }";
    let draft = owner.gql(put, json!({ "id": shop.program })).await.ok();
    let draft = text(&draft["termsDraftPut"]["terms"]["id"]);
    let now = app.clock.now().date_naive();
    let (from, to) = (now - chrono::Days::new(2), now + chrono::Days::new(2));
    let said = json!({ "id": draft, "from": from.to_string(), "to": to.to_string() });
    // Who reads programs may ask, also if they see no jobs.
    let reader = app
        .api_key(
            &[P::ProgramsRead, P::PartnersRead, P::PartnersPii, P::CustomersRead],
            &[shop.program.parse().unwrap()],
        )
        .await;
    let mut begun = reader.gql(START, said.clone()).await.ok()["termsSimulate"].take();
    let id = begun["operation"]["id"].take();
    assert_eq!(
        begun,
        json!({ "operation": { "id": null, "kind": "TERMS_SIMULATE", "state": "RUNNING", "done": 0 }, "userErrors": [] })
    );
    app.run_jobs().await;
    let answer = reader.gql(ASK, json!({ "id": id })).await.ok()["simulation"].take();
    let month = format!("{}-01", now.format("%Y-%m"));
    assert_eq!(
        answer,
        json!({
            "operation": { "state": "DONE" }, "terms": { "number": 2 },
            "from": from.to_string(), "to": to.to_string(), "failure": null,
            "totals": [{
                "simulated": { "amount": "45.00", "currency": "USD" }, "earned": { "amount": "30.00" },
                "difference": { "amount": "15.00" } }],
            "byPartner": { "totalCount": 1, "nodes": [{
                "partner": { "email": "pat@example.com" }, "productId": null, "month": null,
                "difference": { "amount": "15.00" } }] },
            "byMonth": { "nodes": [{
                "partnerId": null, "month": month, "simulated": { "amount": "45.00" }, "earned": { "amount": "30.00" } }] },
            "rows": { "totalCount": 1, "nodes": [{
                "partner": { "email": "pat@example.com" }, "customer": null, "productId": null, "month": month,
                "simulated": { "amount": "45.00" }, "earned": { "amount": "30.00" } }] },
        })
    );
    let outsider = app.outsider().await;
    let outside = outsider.gql(ASK, json!({ "id": id })).await.ok();
    assert_eq!(outside["simulation"], Value::Null);
    assert_eq!(outsider.gql(START, said).await.user_error_codes(), ["NOT_FOUND"]);
    let backwards = json!({ "id": draft, "from": to.to_string(), "to": from.to_string() });
    assert_eq!(owner.gql(START, backwards).await.code(), "BAD_USER_INPUT");
}

//! Exchange rates, as clients meet them.

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::shop::{Shop, record, text};

const DAY: &str = "Date,USD,GBP,HRK,\n2026-02-27,1.25,0.75,7.5,\n";
const STORE: &str =
    "mutation($input: RateInput!) { it: rateStore(input: $input) { rate { id from to rate at source }
    userErrors { code field } } }";
const IMPORT: &str =
    "mutation($input: RatesImportInput!) { it: ratesImport(input: $input) { stored unchanged skipped jobId
    userErrors { code field message } } }";

async fn said(actor: &Actor, mutation: &str, input: Value) -> Value {
    actor.gql(mutation, json!({ "input": input })).await.data["it"].clone()
}

/// A server that answers every request with this.
async fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            assert!(String::from_utf8_lossy(&request).contains("user-agent: refero/"));
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    authority
}

#[tokio::test]
async fn a_sale_shows_the_rate_that_counts() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let owner = app.owner();
    let key = app.api_key(&[P::ProgramsWrite, P::ProgramsRead], &[]).await;
    let input =
        json!({ "from": "EUR", "to": "USD", "rate": "1.10", "at": "2026-03-01T00:00:00Z", "source": "bank" });
    let stored = said(&key, STORE, input.clone()).await;
    assert_eq!((&stored["rate"]["rate"], &stored["rate"]["source"]), (&json!("1.1"), &json!("bank")));
    assert_eq!(said(&key, STORE, input).await, stored, "the same again");
    let sale = "mutation($id: ID!) { transactionRecord(programId: $id, input: { key: \"euros\", customerKey: \"ada\",
        amount: { amount: \"10\", currency: \"EUR\" } }) { transaction { rate { id } } userErrors { message } } }";
    let sold = owner.gql(sale, json!({ "id": shop.program })).await.ok();
    assert_eq!(sold["transactionRecord"]["transaction"]["rate"]["id"], stored["rate"]["id"]);
    record(&owner, &shop.program, "dollars", "ada", "10").await;
    let seen = owner.gql("{ transactions { nodes { key rate { rate } } } }", json!({})).await.ok();
    assert_eq!(seen["transactions"]["nodes"][0], json!({ "key": "dollars", "rate": null }));
    let at = "{ rateAt(from: \"EUR\", to: \"USD\") { rate } before: rateAt(from: \"EUR\", to: \"USD\", at: \"2026-02-01T00:00:00Z\") { rate }
        rates(from: \"EUR\") { totalCount nodes { to } } }";
    assert_eq!(
        key.gql(at, json!({})).await.ok(),
        json!({ "rateAt": { "rate": "1.1" }, "before": null, "rates": { "totalCount": 1, "nodes": [{ "to": "USD" }] } })
    );
    let limited = app.api_key(&[P::ProgramsWrite], &[shop.program.parse().unwrap()]).await;
    let input =
        json!({ "from": "EUR", "to": "EUR", "rate": "-1", "at": "2026-03-01T00:00:00Z", "source": "" });
    assert_eq!(said(&limited, STORE, input.clone()).await["userErrors"][0]["code"], "FORBIDDEN");
    let wrong = said(&key, STORE, input).await;
    let fields = wrong["userErrors"].as_array().unwrap().iter().map(|error| text(&error["field"][1]));
    assert_eq!(fields.collect::<Vec<_>>(), ["source", "rate", "to"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_file_is_imported() {
    let app = TestApp::start().await;
    Shop::open(&app).await;
    let owner = app.owner();
    let first = said(&owner, IMPORT, json!({ "file": DAY })).await;
    assert_eq!(
        (&first["stored"], &first["unchanged"], &first["skipped"]),
        (&json!(3), &json!(0), &json!(["HRK"]))
    );
    let again = said(&owner, IMPORT, json!({ "file": DAY })).await;
    assert_eq!((&again["stored"], &again["unchanged"]), (&json!(0), &json!(3)));
    let derived = "{ rates(from: \"GBP\") { nodes { to rate at source } } }";
    assert_eq!(
        owner.gql(derived, json!({})).await.ok()["rates"]["nodes"],
        json!([{ "to": "USD", "rate": "1.66666666666666667", "at": "2026-02-27T15:00:00+00:00",
            "source": "ECB, EUR to USD divided by EUR to GBP" }])
    );
    for (input, code, field) in [
        (json!({}), "REQUIRED", "file"),
        (json!({ "file": DAY, "url": "https://www.ecb.europa.eu/" }), "INVALID", "file"),
        (json!({ "file": "Date,USD\n2026-02-30,1" }), "INVALID", "file"),
        (json!({ "url": "https://a.example/" }), "INVALID", "url"),
        (json!({ "url": "file:///etc/passwd" }), "INVALID", "url"),
    ] {
        let refused = said(&owner, IMPORT, input.clone()).await;
        let error = &refused["userErrors"][0];
        assert_eq!((&error["code"], &error["field"][1]), (&json!(code), &json!(field)), "{input}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn an_address_is_imported_from_by_a_job() {
    let good =
        server("HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\nDate,USD,GBP\n2026-02-27,1.25,0.75\n").await;
    let app = TestApp::builder().rate_hosts(&good).start().await;
    Shop::open(&app).await;
    let owner = app.owner();
    let asked = said(&owner, IMPORT, json!({ "url": format!("http://{good}/eurofxref.csv") })).await;
    assert!(text(&asked["jobId"]).starts_with("job_"), "{asked}");
    assert_eq!(asked["stored"], json!(null));
    app.run_jobs().await;
    let seen = owner.gql("{ rates { totalCount } }", json!({})).await.ok();
    assert_eq!(seen["rates"]["totalCount"], 3);
}

/// A redirect could lead anywhere: it is an answer that has no rates, and the job is given up with that.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let moved =
        server("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
    let app = TestApp::builder().rate_hosts(&moved).start().await;
    Shop::open(&app).await;
    said(&app.owner(), IMPORT, json!({ "url": format!("http://{moved}/") })).await;
    app.run_jobs().await;
    let dead = "{ jobs(filter: { states: [DEAD] }) { nodes { kind } } }";
    let seen = app.owner().gql(dead, json!({})).await.ok();
    assert_eq!(seen["jobs"]["nodes"][0]["kind"], "rates.import", "{seen}");
    app.sql("DELETE FROM job_history WHERE state = 'dead'").await;
}

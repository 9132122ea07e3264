//! Statements and self-billing invoices, from a sale to what openssl verifies.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::team::{Permission as P, Role};
use ids::{PartnerId, ProgramId};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const STATEMENT: &str = "id number status month currency opening { amount } closing { amount } keyId signature
    pdf { name url } csv { name url } json { name url } partner { id key } program { id } requestedBy { __typename }";
const REQUEST: &str = "mutation($id: ID!, $month: Month!) {
    statementRequest(partnerId: $id, currency: \"EUR\", month: $month) {
        statement { id status number } userErrors { field message code details } } }";
const INVOICE: &str = "mutation($id: ID!) { payoutInvoiceRequest(payoutId: $id) {
    selfBillingInvoice { id number status } userErrors { field code details } } }";

async fn ask(actor: &Actor, query: &str, variables: Value) -> Value {
    let answer = actor.gql(query, variables).await.ok();
    answer.as_object().unwrap().values().next().unwrap().clone()
}

/// What a mutation answers that is refused.
async fn refused(actor: &Actor, query: &str, variables: Value) -> Value {
    let answer = actor.gql(query, variables).await;
    answer.data.as_object().unwrap().values().next().unwrap().clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// What a link leads to.
async fn bytes(app: &TestApp, file: &Value) -> Vec<u8> {
    let url = text(&file["url"]);
    let shown = app.nobody().get(url.strip_prefix("http://localhost").unwrap()).await;
    assert_eq!(shown.status, 200, "{file}");
    shown.body
}

fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Whether openssl verifies the signature of a paper by a published key.
fn verifies(pem: &Value, json: &[u8], signature: &Value) -> bool {
    let signature = BASE64_STANDARD.decode(text(signature)).unwrap();
    let files = [("st-key.pem", text(pem).into_bytes()), ("st.json", json.to_vec()), ("st.sig", signature)];
    let [key, json, signature] = files.map(|(name, bytes)| kept(name, &bytes));
    let mut openssl = Command::new("openssl");
    openssl.args(["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey"]).arg(key);
    openssl.arg("-in").arg(json).arg("-sigfile").arg(signature);
    openssl.output().expect("openssl is installed").status.success()
}

/// A company that says who it is, and a partner of its program who is paid by hand.
async fn company(app: &TestApp) -> (ProgramId, PartnerId) {
    let update =
        "mutation { accountUpdate(input: { name: \"Sails\", company: \"Sails GmbH\", country: \"DE\",
        address: \"Kai 1\\n20457 Hamburg\", taxId: \"VAT ID DE123456789\" }) {
        account { company address taxId } userErrors { code } } }";
    let account = ask(&app.owner(), update, json!({})).await;
    assert_eq!(account["account"]["address"], "Kai 1\n20457 Hamburg");
    let terms = json!({ "holdDays": 1,
        "rules": [{ "id": "sale", "trigger": "SALE", "value": { "type": "PERCENT", "percent": "20" } }] });
    let program = app.program_with(terms).await;
    let bob = app.partner(program, "bob").await;
    app.customer(program, bob, "ada").await;
    let method = "mutation($id: ID!) { payoutMethodSet(partnerId: $id, input: { manual: { instructions: \"Cash\" } }) {
        userErrors { code } } }";
    app.owner().gql(method, json!({ "id": bob })).await.ok();
    (program, bob)
}

/// A sale of so many euros whose reward is released two days later.
async fn sell(app: &TestApp, program: ProgramId, key: &str, euros: &str) {
    app.sale(program, "ada", key, euros).await;
    app.run_jobs().await;
    app.advance(2 * DAY).await;
    release(app).await;
    app.run_jobs().await;
}

async fn release(app: &TestApp) {
    use diesel_async::AsyncConnection;
    let (conn, act) = (&mut *app.conn().await, app.act());
    let released = conn.transaction(async |conn| domain::rewards::Reward::release_due(conn, &act).await);
    assert_eq!(released.await.unwrap(), 1);
}

/// All that the partner has is paid by hand; answers with the payout.
async fn pay(app: &TestApp, program: ProgramId, euros: &str, key: &str) -> String {
    let create =
        "mutation($id: ID!, $key: String!) { payoutBatchCreate(input: { programId: $id, rail: MANUAL },
        idempotencyKey: $key) { batch { id } userErrors { code } } }";
    let made = ask(&app.owner(), create, json!({ "id": program, "key": key })).await;
    app.run_jobs().await;
    let execute = "mutation($id: ID!, $total: MoneyInput!, $key: String!) {
        payoutBatchExecute(id: $id, confirmedTotal: $total, idempotencyKey: $key) {
            batch { payouts { nodes { id } } } userErrors { message } } }";
    let total = json!({ "amount": euros, "currency": "EUR" });
    let said = json!({ "id": made["batch"]["id"], "total": total, "key": key });
    let executed = ask(&app.owner(), execute, said).await;
    app.run_jobs().await;
    let payout = text(&executed["batch"]["payouts"]["nodes"][0]["id"]);
    let mark = "mutation($id: ID!) { payoutMarkPaid(id: $id) { payout { status } userErrors { message } } }";
    assert_eq!(ask(&app.owner(), mark, json!({ "id": payout })).await["payout"]["status"], "PAID");
    app.run_jobs().await;
    payout
}

/// The statement of a month, asked for and rendered.
async fn stated(app: &TestApp, partner: PartnerId, month: &str) -> Value {
    let said = json!({ "id": partner, "month": month });
    let made = ask(&app.owner(), REQUEST, said.clone()).await;
    assert_eq!(made["statement"]["status"], "PENDING", "{made}");
    app.run_jobs().await;
    let again = ask(&app.owner(), REQUEST, said).await;
    assert_eq!(again["statement"]["id"], made["statement"]["id"], "the same again");
    let query = format!("query($id: ID!) {{ statement(id: $id) {{ {STATEMENT} }} }}");
    ask(&app.owner(), &query, json!({ "id": made["statement"]["id"] })).await
}

#[tokio::test]
async fn a_sale_that_was_paid_is_stated_and_openssl_verifies_it() {
    let app = TestApp::start().await;
    let (program, bob) = company(&app).await;
    sell(&app, program, "one", "100").await;
    let payout = pay(&app, program, "20", "march").await;
    app.advance(DAY).await;
    sell(&app, program, "two", "25.50").await;
    app.advance(31 * DAY).await;
    let march = stated(&app, bob, "2026-03").await;
    assert_eq!(
        (&march["status"], &march["opening"]["amount"], &march["closing"]["amount"]),
        (&json!("READY"), &json!("0.00"), &json!("5.10")),
        "{march}"
    );
    assert_eq!(
        (&march["month"], &march["currency"], &march["partner"]["key"]),
        (&json!("2026-03"), &json!("EUR"), &json!("bob"))
    );
    let json = bytes(&app, &march["json"]).await;
    let paper: Value = serde_json::from_slice(&json).unwrap();
    says_what_happened(&paper, &march, &payout);
    let keys = ask(&app.owner(), "{ statementKeys { id pem } }", json!({})).await;
    let published = app.nobody().get("/.well-known/refero/statement-keys").await;
    assert_eq!(published.headers["content-type"], "application/json");
    let published: Value = serde_json::from_slice(&published.body).unwrap();
    assert_eq!((&published["keys"], &keys[0]["id"]), (&keys, &march["keyId"]));
    assert!(verifies(&keys[0]["pem"], &json, &march["signature"]));
    let forged = String::from_utf8(json.clone()).unwrap().replace("5.10", "9.10");
    assert!(!verifies(&keys[0]["pem"], forged.as_bytes(), &march["signature"]));
    assert!(bytes(&app, &march["pdf"]).await.starts_with(b"%PDF-1.7"));
    let csv = String::from_utf8(bytes(&app, &march["csv"]).await).unwrap();
    assert_eq!(masked(&csv, &march, &payout), CSV);
    app.advance(30 * DAY).await;
    let april = stated(&app, bob, "2026-04").await;
    assert_eq!(april["opening"], march["closing"]);
    assert_eq!(april["closing"], march["closing"]);
    let list = "query($id: ID!) { partner(id: $id) { statements(first: 1) { totalCount nodes { month } pageInfo { endCursor } } } }";
    let list = ask(&app.owner(), list, json!({ "id": bob })).await;
    assert_eq!(list["statements"]["nodes"], json!([{ "month": "2026-04" }]));
    assert_eq!(list["statements"]["totalCount"], 2);
}

/// The rows of March.
const CSV: &str = "\
document,entry,date,what,detail,amount,currency
NUMBER,OPENING,2026-03-01,Opening balance,,0.00,EUR
NUMBER,LINE,2026-03-04,Rewards,1 entry,20.00,EUR
NUMBER,LINE,2026-03-04,Payout,\"PAYOUT, By hand\",-20.00,EUR
NUMBER,LINE,2026-03-07,Rewards,1 entry,5.10,EUR
NUMBER,IN,,Total in,,25.10,EUR
NUMBER,OUT,,Total out,,-20.00,EUR
NUMBER,CLOSING,2026-03-31,Closing balance,,5.10,EUR
";

fn masked(csv: &str, statement: &Value, payout: &str) -> String {
    csv.replace(&text(&statement["number"]), "NUMBER").replace(payout, "PAYOUT").replace('\r', "")
}

/// Opening, lines and closing, and who is who.
fn says_what_happened(paper: &Value, statement: &Value, payout: &str) {
    let euro = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    assert_eq!((&paper["document"], &paper["number"]), (&json!("payout_statement/1"), &statement["number"]));
    assert_eq!(paper["period"], json!({ "from": "2026-03-01", "to": "2026-03-31" }));
    assert_eq!(paper["id"], statement["id"]);
    let (account, partner) = (&paper["issuer"]["id"], &statement["partner"]["id"]);
    assert!(account.as_str().is_some_and(|id| id.starts_with("acc_")), "{account}");
    let issuer = json!({ "id": account, "name": "Sails GmbH", "address": ["Kai 1", "20457 Hamburg"], "tax_id": "VAT ID DE123456789" });
    assert_eq!(paper["issuer"], issuer);
    assert_eq!(paper["payee"], json!({ "id": partner, "name": "bob", "address": [], "tax_id": null }));
    assert_eq!((&paper["opening"], &paper["closing"]), (&euro("0.00"), &euro("5.10")));
    assert_eq!((&paper["total_in"], &paper["total_out"]), (&euro("25.10"), &euro("-20.00")));
    let line = |on: &str, what: &str, detail: String, amount: &str| json!({ "on": on, "what": what, "detail": detail, "amount": euro(amount) });
    assert_eq!(
        paper["lines"],
        json!([
            line("2026-03-04", "Rewards", "1 entry".to_owned(), "20.00"),
            line("2026-03-04", "Payout", format!("{payout}, By hand"), "-20.00"),
            line("2026-03-07", "Rewards", "1 entry".to_owned(), "5.10"),
        ])
    );
}

#[tokio::test]
async fn what_was_paid_is_invoiced_to_oneself_once() {
    let app = TestApp::start().await;
    let (program, bob) = company(&app).await;
    let update = "mutation($id: ID!) { payeeUpdate(partnerId: $id, input: { company: \"Bob Ltd\", address: \"Lane 2\", taxId: \"GB 1\" }) {
        userErrors { message } } }";
    app.owner().gql(update, json!({ "id": bob })).await.ok();
    sell(&app, program, "one", "100").await;
    let payout = pay(&app, program, "20", "march").await;
    let made = ask(&app.owner(), INVOICE, json!({ "id": payout })).await;
    assert_eq!(
        (&made["selfBillingInvoice"]["number"], &made["selfBillingInvoice"]["status"]),
        (&json!("SB-2026-000001"), &json!("PENDING"))
    );
    assert_eq!(ask(&app.owner(), INVOICE, json!({ "id": payout })).await, made, "the same again");
    app.run_jobs().await;
    let query =
        "query($id: ID!) { payout(id: $id) { selfBillingInvoice { number status signature keyId payout { id }
        pdf { name url } csv { name url } json { url } requestedBy { __typename } } } }";
    let seen = ask(&app.owner(), query, json!({ "id": payout })).await;
    let invoice = &seen["selfBillingInvoice"];
    assert_eq!((&invoice["status"], &invoice["payout"]["id"]), (&json!("READY"), &json!(payout)));
    assert_eq!(invoice["pdf"]["name"], "SB-2026-000001.pdf");
    assert!(bytes(&app, &invoice["pdf"]).await.starts_with(b"%PDF-1.7"));
    let json = bytes(&app, &invoice["json"]).await;
    let paper: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        paper["supplier"],
        json!({ "id": bob, "name": "Bob Ltd", "address": ["Lane 2"], "tax_id": "GB 1" })
    );
    assert_eq!(
        (&paper["legal_title"], &paper["customer"]["name"]),
        (&json!("Gutschrift"), &json!("Sails GmbH"))
    );
    assert_eq!(paper["total"], json!({ "amount": "20.00", "currency": "EUR" }));
    assert_eq!((&paper["issued_on"], &paper["period"]["from"]), (&json!("2026-03-04"), &json!("2026-03-04")));
    let keys = ask(&app.owner(), "{ statementKeys { pem } }", json!({})).await;
    assert!(verifies(&keys[0]["pem"], &json, &invoice["signature"]));
}

#[tokio::test]
async fn what_cannot_be_stated_or_invoiced_is_told() {
    let app = TestApp::start().await;
    let (program, bob) = company(&app).await;
    sell(&app, program, "one", "100").await;
    let told = async |month: &str| {
        let refused = refused(&app.owner(), REQUEST, json!({ "id": bob, "month": month })).await;
        let error = refused["userErrors"][0].clone();
        format!("{} {} {}", text(&error["field"][0]), text(&error["code"]), error["details"])
    };
    assert_eq!(told("2026-03").await, r#"month WRONG_STATE {"from":"2026-04-01T00:15:00Z"}"#);
    assert_eq!(told("2026-02").await, r#"month INVALID {"since":"2026-03"}"#);
    let wrong = app.owner().gql(REQUEST, json!({ "id": bob, "month": "2026-3" })).await;
    assert!(format!("{:?}", wrong.errors).contains("not a month such as 2026-11"), "{wrong:?}");
    let request = "mutation($id: ID!) { payoutRequest(input: { partnerId: $id }, idempotencyKey: \"k\") {
        payout { id } userErrors { code } } }";
    let payout = ask(&app.owner(), request, json!({ "id": bob })).await["payout"]["id"].clone();
    let refused = refused(&app.owner(), INVOICE, json!({ "id": payout })).await;
    assert_eq!(
        refused["userErrors"],
        json!([{ "field": null, "code": "WRONG_STATE", "details": { "current": "REQUESTED" } }])
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn nobody_finds_those_of_another_account_or_program_and_papers_are_personal() {
    let app = TestApp::start().await;
    let (program, bob) = company(&app).await;
    sell(&app, program, "one", "100").await;
    let payout = pay(&app, program, "20", "march").await;
    app.owner().gql(INVOICE, json!({ "id": payout })).await.ok();
    app.advance(31 * DAY).await;
    let statement = stated(&app, bob, "2026-03").await;
    let of_payout = "query($id: ID!) { payout(id: $id) { selfBillingInvoice { id } } }";
    let invoice =
        ask(&app.owner(), of_payout, json!({ "id": payout })).await["selfBillingInvoice"]["id"].clone();
    let (outsider, limited) = (app.outsider().await, app.api_key(P::ALL, &[app.program().await]).await);
    for (id, query) in [
        (&statement["id"], "query($id: ID!) { it: statement(id: $id) { id } }"),
        (&statement["id"], "query($id: ID!) { it: node(id: $id) { id } }"),
        (&invoice, "query($id: ID!) { it: node(id: $id) { id } }"),
        (&json!(bob), "query($id: ID!) { it: partner(id: $id) { statements { nodes { id } } } }"),
    ] {
        let variables = json!({ "id": id });
        assert_ne!(ask(&app.owner(), query, variables.clone()).await, Value::Null, "{query}");
        for other in [&outsider, &limited] {
            assert_eq!(ask(other, query, variables.clone()).await, Value::Null, "{query}");
        }
    }
    let query = "query($id: ID!) { statement(id: $id) { closing { amount } signature pdf { url } } }";
    let viewer = app.member(Role::Viewer).await.gql(query, json!({ "id": statement["id"] })).await;
    assert_eq!((viewer.code(), &viewer.data["statement"]["pdf"]), ("FORBIDDEN", &Value::Null));
    assert_eq!(viewer.data["statement"]["closing"]["amount"], "0.00");
    let blind = app.api_key(&[P::PartnersRead], &[]).await;
    assert_eq!(blind.gql(query, json!({ "id": statement["id"] })).await.code(), "FORBIDDEN");
    app.run_jobs().await;
}

//! Files over HTTP: who gives them, and who sees them.

use std::time::Duration;

use diesel::{
    sql_query,
    sql_types::{Text, Timestamptz, Uuid},
};
use domain::{
    act::Act,
    files::{File, NewFile},
    team::{Permission as P, Role},
};
use serde_json::{Value, json};
use test_support::{Actor, Response, TestApp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::till::{REQUEST, Till, refusals, text};

const PDF: &[u8] = b"%PDF-1.7 an invoice";
const INVOICE: &str = "query($id: ID!) { payout(id: $id) { invoice { name contentType sha256 url createdBy { ... on User { email } } } } }";

fn code(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    text(&body["errors"][0]["extensions"]["code"])
}

async fn given(actor: &Actor) -> String {
    let response = actor.give_file("Rechnung%207.pdf", "application/pdf", PDF).await;
    assert_eq!(response.status, 201, "{response:?}");
    text(&serde_json::from_slice::<Value>(&response.body).unwrap()["id"])
}

/// The path of a link.
fn path(url: &Value) -> String {
    text(url).strip_prefix("http://localhost").unwrap().to_owned()
}

#[tokio::test]
async fn an_invoice_is_given_and_shown_by_a_link_that_ends() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let file = given(&app.owner()).await;
    let input = json!({ "partnerId": bob, "invoiceId": file });
    let made = app.owner().gql(REQUEST, json!({ "input": input, "key": "k" })).await.ok();
    let payout = json!({ "id": made["payoutRequest"]["payout"]["id"] });
    let seen = app.owner().gql(INVOICE, payout.clone()).await.ok();
    let invoice = &seen["payout"]["invoice"];
    assert_eq!(
        (&invoice["name"], &invoice["contentType"]),
        (&json!("Rechnung 7.pdf"), &json!("application/pdf"))
    );
    assert_eq!(invoice["sha256"], Value::Null, "it is sealed");
    let path = path(&invoice["url"]);
    let shown = app.nobody().get(&path).await;
    assert_eq!((shown.status.as_u16(), shown.body.as_slice()), (200, PDF));
    let header = |name: &str| shown.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''Rechnung%207.pdf");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"
    );
    let other = path.replace(&file, "fil_01h455vb4pex5vsknk084sn02q");
    let (unsigned, _) = path.split_once("&signature=").unwrap();
    assert_eq!(app.nobody().get(&other).await.status, 403, "a signature is of one file");
    assert_eq!(app.nobody().get(&format!("{unsigned}&signature=AAAA")).await.status, 403);
    assert_eq!(app.nobody().get(unsigned).await.status, 404);
    let viewer = app.member(Role::Viewer).await.gql(INVOICE, payout).await;
    assert_eq!(
        (viewer.code(), &viewer.data["payout"]["invoice"]),
        ("FORBIDDEN", &Value::Null),
        "personal data"
    );
    app.advance(Duration::from_secs(600)).await;
    assert_eq!(app.nobody().get(&path).await.status, 403, "a link works for ten minutes");
    app.run_jobs().await;
}

/// A bit more than a GiB of files that this one gave, or made.
async fn fill(app: &TestApp, by: &str) {
    use diesel_async::RunQueryDsl;
    let large = "INSERT INTO files (id, account_id, name, content_type, bytes, sha256, created_by, created_at) \
        SELECT gen_random_uuid(), $1, 'a.csv', 'text/csv', decode(repeat('61', 10485760), 'hex'), '\\x00', $2, $3 \
        FROM generate_series(1, 103)";
    let filled = sql_query(large)
        .bind::<Uuid, _>(app.account_id())
        .bind::<Text, _>(by)
        .bind::<Timestamptz, _>(app.clock.now());
    filled.execute(&mut app.conn().await).await.unwrap();
}

#[tokio::test]
async fn an_account_gives_so_much_in_a_day() {
    let app = TestApp::start().await;
    // What the system makes is nobody's to account for.
    for (by, status) in [("system", 201), ("usr_00000000000000000000000000", 429)] {
        fill(&app, by).await;
        let response = app.owner().give_file("a.pdf", "application/pdf", PDF).await;
        assert_eq!(response.status, status, "{response:?}");
    }
    assert_eq!(app.outsider().await.give_file("a.pdf", "application/pdf", PDF).await.status, 201);
    app.clock.set(app.clock.now() + chrono::TimeDelta::days(1));
    assert_eq!(app.owner().give_file("a.pdf", "application/pdf", PDF).await.status, 201);
}

/// Who takes long to read keeps a place of the account's, and no more memory than these.
#[tokio::test]
async fn a_file_has_its_place_until_it_is_read() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let large = [PDF, &vec![b' '; 10 * 1024 * 1024 - PDF.len()]].concat();
    let response = app.owner().give_file("a.pdf", "application/pdf", &large).await;
    let file = text(&serde_json::from_slice::<Value>(&response.body).unwrap()["id"]);
    let input = json!({ "partnerId": bob, "invoiceId": file });
    let made = app.owner().gql(REQUEST, json!({ "input": input, "key": "k" })).await.ok();
    let payout = json!({ "id": made["payoutRequest"]["payout"]["id"] });
    let path = path(&app.owner().gql(INVOICE, payout).await.ok()["payout"]["invoice"]["url"]);
    let mut slow = Vec::new();
    for _ in 0..4 {
        let mut socket = TcpStream::connect(app.address).await.unwrap();
        let asked = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        socket.write_all(asked.as_bytes()).await.unwrap();
        let mut first = [0; 12];
        socket.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        slow.push(socket);
    }
    assert_eq!(app.nobody().get(&path).await.status, 503);
    let other = app.outsider().await.give_file("a.pdf", "application/pdf", PDF).await;
    assert_eq!(other.status, 201, "each account has its own places");
    drop(slow);
    let mut shown = app.nobody().get(&path).await;
    for _ in 0..100 {
        if shown.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        shown = app.nobody().get(&path).await;
    }
    assert_eq!((shown.status.as_u16(), shown.body == large), (200, true));
    app.run_jobs().await;
}

#[tokio::test]
async fn files_are_taken_from_who_acts_for_partners_or_decides_about_payouts() {
    let app = TestApp::start().await;
    let writer = app.api_key(&[P::PartnersWrite], &[]).await;
    given(&writer).await;
    for permission in [P::PayoutsApprove, P::PayoutsExecute] {
        given(&app.api_key(&[permission], &[]).await).await;
    }
    let may = |p: P| matches!(p, P::PartnersWrite | P::PayoutsApprove | P::PayoutsExecute);
    let unfit: Vec<P> = P::ALL.iter().copied().filter(|p| !may(*p)).collect();
    let unfit = app.api_key(&unfit, &[]).await;
    for (actor, status, told) in [
        (app.nobody(), 401, "UNAUTHENTICATED"),
        (unfit, 403, "FORBIDDEN"),
        (app.with_key("rfo_live_x"), 401, "UNAUTHENTICATED"),
    ] {
        let refused = actor.give_file("a.pdf", "application/pdf", PDF).await;
        assert_eq!((refused.status.as_u16(), code(&refused)), (status, told.to_owned()));
    }
    for (name, media_type, bytes, status) in [
        ("a.html", "text/html", &b"<script>"[..], 415),
        ("a.pdf", "application/pdf", b"<script>", 400),
        ("a.pdf", "application/pdf", b"", 400),
        ("", "application/pdf", PDF, 400),
        ("a.csv", "text/csv", &vec![b'a'; 10 * 1024 * 1024 + 1], 413),
    ] {
        assert_eq!(writer.give_file(name, media_type, bytes).await.status, status, "{name} {media_type}");
    }
    let largest = writer.give_file("a.csv", "text/csv", &vec![b'a'; 10 * 1024 * 1024]).await;
    assert_eq!(largest.status, 201, "{}", String::from_utf8_lossy(&largest.body));
}

#[tokio::test]
async fn an_invoice_is_what_this_account_was_given() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let foreign = given(&app.outsider().await).await;
    let new = NewFile {
        name: "pain.xml".to_owned(),
        content_type: "application/xml".to_owned(),
        bytes: vec![b'x'],
    };
    let made =
        File::create(&mut *app.conn().await, None, (app.account_id(), &new), &app.act()).await.unwrap();
    for file in [foreign, made.id.to_string()] {
        let input = json!({ "partnerId": bob, "invoiceId": file });
        let refused = app.owner().gql(REQUEST, json!({ "input": input, "key": "k" })).await;
        assert_eq!(refusals(&refused), ["NOT_FOUND input.invoiceId"]);
    }
    app.run_jobs().await;
}

/// What a bank is given holds where the money goes: it takes the right to pay to see it.
#[tokio::test]
async fn a_file_for_a_bank_is_shown_to_who_pays() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.partner(&app, "bob", "20").await;
    let batch = till.batch(&app, &app.owner(), "b").await;
    till.execute(&app, &batch, "20").await;
    let new =
        NewFile { name: "pay.csv".to_owned(), content_type: "text/csv".to_owned(), bytes: b"iban".to_vec() };
    let act: Act = app.act();
    let file = File::create(&mut *app.conn().await, None, (app.account_id(), &new), &act).await.unwrap();
    app.sql(&format!("UPDATE payout_submissions SET file_id = '{}'", ids::TypedId::uuid(file.id))).await;
    let read = "query($id: ID!) { payoutBatch(id: $id) { submissions { id file { name url } } } }";
    for role in [Role::Manager, Role::Viewer] {
        let seen = app.member(role).await.gql(read, json!({ "id": batch })).await;
        assert_eq!(
            (seen.code(), &seen.data["payoutBatch"]["submissions"][0]["file"]),
            ("FORBIDDEN", &Value::Null)
        );
    }
    let seen = app.member(Role::Finance).await.gql(read, json!({ "id": batch })).await.ok();
    let file = &seen["payoutBatch"]["submissions"][0]["file"];
    assert_eq!(file["name"], "pay.csv");
    assert_eq!(app.nobody().get(&path(&file["url"])).await.body, b"iban");
}

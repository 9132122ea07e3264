//! The walk-through of the README, through the API alone: from a stranger who registers to a reward that is available.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{Actor, TestApp};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Sends an operation that must go well, and answers with its data.
async fn done(actor: &Actor, query: &str, variables: Value) -> Value {
    actor.gql(query, variables).await.ok()
}

#[tokio::test]
async fn a_stranger_registers_and_a_partner_earns() {
    let app = TestApp::builder().smtp().start().await;
    let ada = registered(&app).await;
    let program = published_program(&ada).await;
    let partner = approved_partner(&app, &ada, &program).await;

    let shop = shop_of(&app, &ada).await;
    let customer = json!({ "input": { "programId": program, "key": "cus-1", "linkSlug": "bob" } });
    done(
        &shop,
        "mutation ($input: CustomerInput!) { customerUpsert(input: $input) { userErrors { message } } }",
        customer,
    )
    .await;
    record_sale(&shop, &program).await;
    let told_before = app.emails().len();
    app.run_jobs().await;

    let reward = only_reward(&ada).await;
    assert_eq!(reward["amount"], json!({ "amount": "20.00", "currency": "EUR" }));
    assert_eq!(
        (&reward["status"], &reward["heldUntil"]),
        (&json!("HELD"), &json!("2026-04-01T09:00:00+00:00"))
    );
    let told: Vec<_> = app.emails().split_off(told_before).into_iter().map(|mail| mail.to).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&"ada@example.com".to_owned()) && told.contains(&"bob@example.com".to_owned()));

    app.advance(30 * DAY - HOUR).await;
    app.run_jobs().await;
    assert_eq!(balance(&ada, &partner).await, json!({ "held": "20.00", "available": "0.00" }));
    app.advance(HOUR).await;
    app.run_jobs().await;
    assert_eq!(only_reward(&ada).await["status"], "AVAILABLE");
    assert_eq!(balance(&ada, &partner).await, json!({ "held": "0.00", "available": "20.00" }));
    assert_eq!(
        topics(&ada).await,
        [
            "PROGRAM_CREATED",
            "TERMS_PUBLISHED",
            "PROGRAM_ACTIVATED",
            "PARTNER_APPLIED",
            "PARTNER_APPROVED",
            "LINK_CREATED",
            "CUSTOMER_CREATED",
            "CUSTOMER_ATTRIBUTED",
            "TRANSACTION_RECORDED",
            "CUSTOMER_UPDATED",
            "REWARD_CREATED",
            "REWARD_RELEASED",
        ]
    );
}

async fn registered(app: &TestApp) -> Actor {
    let input = json!({ "email": "ada@example.com", "password": "a long enough one", "name": "Ada",
        "accountName": "Ada's shop" });
    let register = "mutation ($input: RegisterInput!) { userRegister(input: $input) { emailSent userErrors { message } } }";
    done(&app.nobody(), register, json!({ "input": input })).await;
    app.run_jobs().await;
    let mail = app.emails().pop().unwrap();
    assert_eq!(mail.to, "ada@example.com");
    let (_, token) = mail.text.split_once("token=").unwrap();
    let token = token.split_whitespace().next().unwrap();
    let verify =
        "mutation ($token: String!, $password: String!) { emailVerify(token: $token, password: $password)
        { session { id } userErrors { message } } }";
    let said = json!({ "token": token, "password": "a long enough one" });
    let answer = app.nobody().gql(verify, said).await;
    let ada = app.nobody().with_session_of(&answer);
    answer.ok();
    ada
}

async fn published_program(ada: &Actor) -> Value {
    let create = "mutation { programCreate(input: { name: \"Coffee\", currency: \"EUR\", website: \"https://coffee.example\" })
        { program { id status } userErrors { message } } }";
    let program = done(ada, create, json!({})).await["programCreate"]["program"].clone();
    assert_eq!(program["status"], "DRAFT");
    let put = "mutation ($id: ID!) { termsDraftPut(programId: $id, input: { holdDays: 30, rules: [
        { id: \"sale\", trigger: SALE, value: { type: PERCENT, percent: \"20\" } }] })
        { terms { id number status } userErrors { message } } }";
    let terms = done(ada, put, json!({ "id": program["id"] })).await["termsDraftPut"]["terms"].clone();
    let publish = "mutation ($id: ID!) { termsPublish(id: $id) { terms { status } userErrors { message } } }";
    let published = done(ada, publish, json!({ "id": terms["id"] })).await;
    assert_eq!(published["termsPublish"]["terms"]["status"], "PUBLISHED");
    let activate =
        "mutation ($id: ID!) { programActivate(id: $id) { program { status } userErrors { message } } }";
    let active = done(ada, activate, json!({ "id": program["id"] })).await;
    assert_eq!(active["programActivate"]["program"]["status"], "ACTIVE");
    program["id"].clone()
}

async fn approved_partner(app: &TestApp, ada: &Actor, program: &Value) -> Value {
    let apply = "mutation ($input: PartnerApplyInput!) { partnerApply(input: $input)
        { partner { id status } userErrors { message } } }";
    let input = json!({ "programId": program, "email": "bob@example.com", "name": "Bob", "key": "bob" });
    let partner = done(ada, apply, json!({ "input": input })).await["partnerApply"]["partner"].clone();
    assert_eq!(partner["status"], "PENDING");
    let approve =
        "mutation ($id: ID!) { partnerApprove(id: $id) { partner { status } userErrors { message } } }";
    let approved = done(ada, approve, json!({ "id": partner["id"] })).await;
    assert_eq!(approved["partnerApprove"]["partner"]["status"], "APPROVED");
    let link = "mutation ($id: ID!) { linkCreate(partnerId: $id, input: {}) { link { url } userErrors { message } } }";
    let link = done(ada, link, json!({ "id": partner["id"] })).await;
    assert_eq!(link["linkCreate"]["link"]["url"], "https://coffee.example/?via=bob");
    app.run_jobs().await;
    assert_eq!(app.emails().pop().unwrap().to, "bob@example.com");
    partner["id"].clone()
}

/// A machine that may record customers and sales, and nothing else.
async fn shop_of(app: &TestApp, ada: &Actor) -> Actor {
    let create = "mutation { apiKeyCreate(input: { name: \"shop\", permissions: [CUSTOMERS_WRITE, TRANSACTIONS_WRITE] })
        { secret userErrors { message } } }";
    let created = done(ada, create, json!({})).await;
    let shop = app.nobody().with_key(created["apiKeyCreate"]["secret"].as_str().unwrap());
    assert_eq!(shop.gql("{ rewards { totalCount } }", json!({})).await.code(), "FORBIDDEN");
    shop
}

/// Recorded twice with one key: the second answers with the first.
async fn record_sale(shop: &Actor, program: &Value) {
    let record = "mutation ($id: ID!) { transactionRecord(programId: $id, input: { key: \"ord-1\", customerKey: \"cus-1\",
        amount: { amount: \"119.00\", currency: \"EUR\" }, tax: \"19.00\" }) { transaction { id } userErrors { message } } }";
    let first = done(shop, record, json!({ "id": program })).await;
    assert_eq!(done(shop, record, json!({ "id": program })).await, first);
}

async fn only_reward(ada: &Actor) -> Value {
    let rewards =
        done(ada, "{ rewards { nodes { amount { amount currency } status heldUntil } } }", json!({})).await;
    let nodes = rewards["rewards"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 1);
    nodes[0].clone()
}

async fn balance(ada: &Actor, partner: &Value) -> Value {
    let query = "query ($id: ID!) { partner(id: $id) { balances { held { amount } available { amount } } } }";
    let balance = &done(ada, query, json!({ "id": partner })).await["partner"]["balances"][0];
    json!({ "held": balance["held"]["amount"], "available": balance["available"]["amount"] })
}

/// The feed, read page by page from its beginning.
async fn topics(ada: &Actor) -> Vec<String> {
    let query = "query ($after: String) { events(after: $after, first: 3)
        { nodes { topic } pageInfo { hasNextPage endCursor } } }";
    let (mut topics, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = done(ada, query, json!({ "after": after })).await["events"].clone();
        topics.extend(
            page["nodes"].as_array().unwrap().iter().map(|node| node["topic"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            return topics;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

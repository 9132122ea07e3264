//! What most tests start from: an active program whose partners earn 20 %, made through the API.

use serde_json::{Value, json};
use test_support::{Actor, TestApp};

/// A program with a partner, a link and a customer who came through it.
pub struct Shop {
    pub program: String,
    pub terms: String,
    pub partner: String,
    pub partner_key: String,
    pub customer: String,
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub async fn create_program(owner: &Actor, name: &str, currency: &str) -> String {
    let query = "mutation($name: String!, $currency: CurrencyCode!) {
        programCreate(input: { name: $name, currency: $currency, website: \"https://shop.example\" }) {
            program { id } userErrors { message } } }";
    let made = owner.gql(query, json!({ "name": name, "currency": currency })).await.ok();
    text(&made["programCreate"]["program"]["id"])
}

pub async fn publish(owner: &Actor, program: &str, percent: &str, hold_days: i32) -> String {
    let put = "mutation($id: ID!, $percent: Decimal!, $hold: Int!) { termsDraftPut(programId: $id, input: {
        holdDays: $hold, rules: [{ id: \"sale\", trigger: SALE, value: { type: PERCENT, percent: $percent } }] }) {
            terms { id } userErrors { field message } } }";
    let draft = owner.gql(put, json!({ "id": program, "percent": percent, "hold": hold_days })).await.ok();
    let terms = text(&draft["termsDraftPut"]["terms"]["id"]);
    let publish = "mutation($id: ID!) { termsPublish(id: $id) { terms { status } userErrors { message } } }";
    let published = owner.gql(publish, json!({ "id": terms })).await.ok();
    assert_eq!(published["termsPublish"]["terms"]["status"], "PUBLISHED", "{published}");
    terms
}

pub async fn activate(owner: &Actor, program: &str) {
    let query =
        "mutation($id: ID!) { programActivate(id: $id) { program { status } userErrors { message } } }";
    let done = owner.gql(query, json!({ "id": program })).await.ok();
    assert_eq!(done["programActivate"]["program"]["status"], "ACTIVE", "{done}");
}

pub async fn create_partner(owner: &Actor, program: &str, email: &str) -> (String, String) {
    let query = "mutation($id: ID!, $email: String!) { partnerCreate(input: {
        programId: $id, email: $email, name: \"Pat\" }) { partner { id key status } userErrors { field message } } }";
    let made = owner.gql(query, json!({ "id": program, "email": email })).await.ok();
    let partner = &made["partnerCreate"]["partner"];
    assert_eq!(partner["status"], "APPROVED", "{made}");
    (text(&partner["id"]), text(&partner["key"]))
}

pub async fn record(actor: &Actor, program: &str, key: &str, customer: &str, amount: &str) -> Value {
    let query = "mutation($id: ID!, $key: String!, $customer: String!, $amount: Decimal!) {
        transactionRecord(programId: $id, input: { key: $key, customerKey: $customer,
            amount: { amount: $amount, currency: \"USD\" } }) {
                transaction { id } userErrors { field code message } } }";
    let variables = json!({ "id": program, "key": key, "customer": customer, "amount": amount });
    actor.gql(query, variables).await.data["transactionRecord"].clone()
}

impl Shop {
    pub async fn open(app: &TestApp) -> Self {
        let owner = app.owner();
        let program = create_program(&owner, "Shop", "USD").await;
        let terms = publish(&owner, &program, "20", 30).await;
        activate(&owner, &program).await;
        let (partner, partner_key) = create_partner(&owner, &program, "pat@example.com").await;
        let link = "mutation($id: ID!) { linkCreate(partnerId: $id, input: {}) { link { slug } userErrors { message } } }";
        let slug = text(&owner.gql(link, json!({ "id": partner })).await.ok()["linkCreate"]["link"]["slug"]);
        let upsert = "mutation($id: ID!, $slug: String!) { customerUpsert(input: {
            programId: $id, key: \"ada\", email: \"ada@example.net\", linkSlug: $slug }) {
                customer { id } userErrors { field message } } }";
        let made = owner.gql(upsert, json!({ "id": program, "slug": slug })).await.ok();
        let customer = text(&made["customerUpsert"]["customer"]["id"]);
        Self { program, terms, partner, partner_key, customer }
    }
}

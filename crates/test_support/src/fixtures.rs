//! What most tests begin with, made through the API by the owner.

use ids::{PartnerId, ProgramId};
use serde_json::{Value, json};
use test_database::or_panic;

use crate::TestApp;

const PROGRAM_CREATE: &str = "mutation ($input: ProgramCreateInput!) {
  programCreate(input: $input) { program { id } userErrors { field message code } } }";
const TERMS_DRAFT_PUT: &str = "mutation ($programId: ID!, $input: TermsInput!) {
  termsDraftPut(programId: $programId, input: $input) { terms { id } userErrors { field message code } } }";
const TERMS_PUBLISH: &str = "mutation ($id: ID!) {
  termsPublish(id: $id) { terms { id } userErrors { field message code } } }";
const PROGRAM_ACTIVATE: &str = "mutation ($id: ID!) {
  programActivate(id: $id) { program { status } userErrors { field message code } } }";
const PARTNER_CREATE: &str = "mutation ($input: PartnerCreateInput!) {
  partnerCreate(input: $input) { partner { id } userErrors { field message code } } }";
const CUSTOMER_UPSERT: &str = "mutation ($input: CustomerInput!) {
  customerUpsert(input: $input) { customer { id } userErrors { field message code } } }";
const TRANSACTION_RECORD: &str = "mutation ($programId: ID!, $input: TransactionInput!) {
  transactionRecord(programId: $programId, input: $input) { transaction { id } userErrors { field message code } } }";

impl TestApp {
    /// An active program in euros, whose partners earn 20 % of a sale's net, held for 30 days.
    pub async fn program(&self) -> ProgramId {
        self.program_with(json!({
            "holdDays": 30,
            "rules": [{ "id": "sale", "trigger": "SALE", "value": { "type": "PERCENT", "percent": "20" } }],
        }))
        .await
    }

    /// As [`TestApp::program`], of this kind (a word of `ProgramKind`).
    pub async fn program_of(&self, kind: &str) -> ProgramId {
        let sale =
            json!({ "id": "sale", "trigger": "SALE", "value": { "type": "PERCENT", "percent": "20" } });
        self.open_program(kind, json!({ "holdDays": 30, "rules": [sale] })).await
    }

    /// An active program in euros with these terms (a `TermsInput`).
    pub async fn program_with(&self, terms: Value) -> ProgramId {
        self.open_program("AFFILIATE", terms).await
    }

    async fn open_program(&self, kind: &str, terms: Value) -> ProgramId {
        let name = format!("Program {}", self.founded());
        let input = json!({ "kind": kind, "name": name, "currency": "EUR" });
        let created = self.done(PROGRAM_CREATE, json!({ "input": input })).await;
        let id = created["programCreate"]["program"]["id"].clone();
        let draft = self.done(TERMS_DRAFT_PUT, json!({ "programId": id, "input": terms })).await;
        self.done(TERMS_PUBLISH, json!({ "id": draft["termsDraftPut"]["terms"]["id"] })).await;
        self.done(PROGRAM_ACTIVATE, json!({ "id": id })).await;
        or_panic(id.as_str().unwrap_or_default().parse::<ProgramId>())
    }

    /// An approved partner of the program with this key, who is told by email.
    pub async fn partner(&self, program: ProgramId, key: &str) -> PartnerId {
        let email = format!("{key}@partners.example.com");
        let input = json!({ "programId": program.to_string(), "email": email, "name": key, "key": key });
        let created = self.done(PARTNER_CREATE, json!({ "input": input })).await;
        let id = created["partnerCreate"]["partner"]["id"].as_str().unwrap_or_default();
        or_panic(id.parse::<PartnerId>())
    }

    /// A customer with this key who came through the partner.
    pub async fn customer(&self, program: ProgramId, partner: PartnerId, key: &str) {
        let input = json!({ "programId": program.to_string(), "key": key, "partnerId": partner.to_string() });
        self.done(CUSTOMER_UPSERT, json!({ "input": input })).await;
    }

    /// A sale of so many euros (a decimal) to the customer with this key.
    pub async fn sale(&self, program: ProgramId, customer_key: &str, key: &str, amount: &str) {
        let amount = json!({ "amount": amount, "currency": "EUR" });
        let input = json!({ "key": key, "customerKey": customer_key, "amount": amount });
        self.done(TRANSACTION_RECORD, json!({ "programId": program.to_string(), "input": input })).await;
    }

    /// What the owner gets for an operation that must go well.
    async fn done(&self, query: &str, variables: Value) -> Value {
        self.owner().gql(query, variables).await.ok()
    }
}

//! What these tests start from: a program in euros, and partners with something to be paid.

use domain::team::Role;
use ids::{PartnerId, ProgramId};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

pub const SET_METHOD: &str =
    "mutation($id: ID!, $input: PayoutMethodInput!) { payoutMethodSet(partnerId: $id, input: $input) {
    payoutMethod { id kind label isDefault replacedAnother } userErrors { field message code } } }";
pub const REQUEST: &str = "mutation($input: PayoutRequestInput!, $key: String!) {
    payoutRequest(input: $input, idempotencyKey: $key) {
        payout { id status amount { amount currency } itemCount } userErrors { field message code details } } }";
pub const CREATE_BATCH: &str = "mutation($input: PayoutBatchInput!, $key: String!) {
    payoutBatchCreate(input: $input, idempotencyKey: $key) {
        batch { id status } userErrors { field message code details } } }";

/// A program whose partners are paid by hand.
pub struct Till {
    pub program: ProgramId,
}

impl Till {
    pub async fn open(app: &TestApp) -> Self {
        Self { program: app.program().await }
    }

    /// A partner with so many euros and, unless told otherwise, a method.
    pub async fn partner(&self, app: &TestApp, key: &str, euros: &str) -> PartnerId {
        let partner = self.partner_without_method(app, key, euros).await;
        let input = json!({ "manual": { "instructions": "Cash, on Friday" } });
        app.owner().gql(SET_METHOD, json!({ "id": partner, "input": input })).await.ok();
        partner
    }

    pub async fn partner_without_method(&self, app: &TestApp, key: &str, euros: &str) -> PartnerId {
        let partner = app.partner(self.program, key).await;
        give(app, partner, euros, key).await;
        partner
    }

    /// The id of a payout that was asked for.
    pub async fn request(&self, app: &TestApp, partner: PartnerId, key: &str) -> String {
        let variables = json!({ "input": { "partnerId": partner }, "key": key });
        let made = app.owner().gql(REQUEST, variables).await.ok();
        text(&made["payoutRequest"]["payout"]["id"])
    }

    /// The id of a batch that is paid by hand, as this actor prepares it; it is fixed.
    pub async fn batch(&self, app: &TestApp, by: &Actor, key: &str) -> String {
        let variables = json!({ "input": { "programId": self.program, "rail": "MANUAL" }, "key": key });
        let made = by.gql(CREATE_BATCH, variables).await.ok();
        app.run_jobs().await;
        text(&made["payoutBatchCreate"]["batch"]["id"])
    }

    /// Has another person approve batches.
    pub async fn four_eyes(&self, app: &TestApp) {
        let update = "mutation($id: ID!) { payoutPolicyUpdate(programId: $id, input: { fourEyes: true }) {
            payoutPolicy { fourEyes } userErrors { code } } }";
        app.owner().gql(update, json!({ "id": self.program })).await.ok();
    }

    /// Executes a batch of so many euros, so that its payouts are on their way.
    pub async fn execute(&self, app: &TestApp, batch: &str, euros: &str) {
        let finance = app.member(Role::Finance).await;
        finance.gql(EXECUTE, json!({ "id": batch, "total": euro(euros), "key": batch })).await.ok();
        app.run_jobs().await;
    }
}

pub const EXECUTE: &str = "mutation($id: ID!, $total: MoneyInput!, $key: String!) {
    payoutBatchExecute(id: $id, confirmedTotal: $total, idempotencyKey: $key) {
        batch { id status executedBy { ... on User { email } } } userErrors { field message code details } } }";

/// An amount in euros as an input.
pub fn euro(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// Gives a partner so many euros, which are available at once; answers with the reward.
pub async fn give(app: &TestApp, partner: PartnerId, euros: &str, key: &str) -> String {
    let create = "mutation($input: RewardManualInput!) { rewardCreateManual(input: $input) {
        reward { id } userErrors { message } } }";
    let input =
        json!({ "partnerId": partner, "amount": euro(euros), "reason": "thanks", "idempotencyKey": key });
    let made = app.owner().gql(create, json!({ "input": input })).await.ok();
    text(&made["rewardCreateManual"]["reward"]["id"])
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Code and field of the errors of the one mutation that was asked for, e.g. `WRONG_STATE id`.
pub fn refusals(answer: &test_support::Answer) -> Vec<String> {
    let payloads = answer.data.as_object().into_iter().flat_map(|fields| fields.values());
    let errors = payloads.filter_map(|payload| payload["userErrors"].as_array()).flatten();
    let told = errors.map(|error| {
        let field = error["field"].as_array().map(Vec::as_slice).unwrap_or_default();
        let field: Vec<_> = field.iter().filter_map(Value::as_str).collect();
        format!("{} {}", error["code"].as_str().unwrap_or_default(), field.join(".")).trim().to_owned()
    });
    told.chain((!answer.errors.is_empty()).then(|| answer.code().to_owned())).collect()
}

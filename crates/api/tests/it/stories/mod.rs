//! Months in the life of a program, through the public API alone: each step is followed by the jobs that it causes, and at
//! its end the test's app verifies the books, as `refero verify` does.

mod a_changed_promise;
mod a_friend_for_a_friend;
mod a_line_of_partners;
mod a_month_with_tiers;
mod money_that_goes_back;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use test_support::{Answer, TestApp};

use crate::shop::text;

/// An active program in euros, its owner, and the clock.
pub struct Story {
    pub app: TestApp,
    pub program: String,
}

impl Story {
    /// Begins on 2 March 2026 at 09:00 UTC with a program (a `ProgramCreateInput` without name and currency) under these terms.
    pub async fn begin(program: Value, terms: Value) -> Self {
        let app = TestApp::start().await;
        let mut input = json!({ "name": "Coffee", "currency": "EUR" });
        input.as_object_mut().unwrap().extend(program.as_object().unwrap().clone());
        let create = "mutation($input: ProgramCreateInput!) { programCreate(input: $input) {
            program { id } userErrors { field message } } }";
        let made = app.owner().gql(create, json!({ "input": input })).await.ok();
        let story = Self { app, program: text(&made["programCreate"]["program"]["id"]) };
        story.publish(terms).await;
        let activate = "mutation($id: ID!) { programActivate(id: $id) { userErrors { message } } }";
        story.done(activate, json!({ "id": story.program })).await;
        story
    }

    /// An operation of the owner's, with whatever it answers, and the jobs that it causes.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let answer = self.app.owner().gql(query, variables).await;
        self.app.run_jobs().await;
        answer
    }

    /// As [`Story::ask`], for what must go well: the one field that was asked for.
    pub async fn done(&self, query: &str, variables: Value) -> Value {
        let data = self.ask(query, variables).await.ok();
        data.as_object().unwrap().values().next().unwrap().clone()
    }

    /// Lets time pass up to this instant.
    pub async fn until(&self, at: &str) {
        let at: DateTime<Utc> = at.parse().unwrap();
        self.app.advance((at - self.app.clock.now()).to_std().unwrap()).await;
        self.app.run_jobs().await;
    }

    /// Puts a draft and publishes it, from now on: its id.
    pub async fn publish(&self, terms: Value) -> String {
        let put = "mutation($id: ID!, $input: TermsInput!) { termsDraftPut(programId: $id, input: $input) {
            terms { id } userErrors { field message } } }";
        let draft = self.done(put, json!({ "id": self.program, "input": terms })).await;
        let id = text(&draft["terms"]["id"]);
        let publish = "mutation($id: ID!) { termsPublish(id: $id) { userErrors { message } } }";
        self.done(publish, json!({ "id": id })).await;
        id
    }

    /// An approved partner with this key, below another one if one is said: the id.
    pub async fn partner(&self, key: &str, upline: Option<&str>) -> String {
        let create = "mutation($input: PartnerCreateInput!) { partnerCreate(input: $input) {
            partner { id } userErrors { field message } } }";
        let email = format!("{key}@partners.example");
        let input =
            json!({ "programId": self.program, "key": key, "name": key, "email": email, "uplineId": upline });
        text(&self.done(create, json!({ "input": input })).await["partner"]["id"])
    }

    /// A customer with this key who came through the partner with that one.
    pub async fn customer(&self, key: &str, partner_key: &str) {
        self.upsert(json!({ "key": key, "partnerKey": partner_key })).await;
    }

    /// A customer as said.
    pub async fn upsert(&self, customer: Value) {
        let upsert = "mutation($input: CustomerInput!) { customerUpsert(input: $input) { userErrors { field message } } }";
        let mut input = json!({ "programId": self.program });
        input.as_object_mut().unwrap().extend(customer.as_object().unwrap().clone());
        self.done(upsert, json!({ "input": input })).await;
    }

    /// A sale of so many euros, now.
    pub async fn sale(&self, customer: &str, key: &str, amount: &str) {
        self.sale_as(json!({ "key": key, "customerKey": customer, "amount": euros(amount) })).await;
    }

    /// A sale as said.
    pub async fn sale_as(&self, input: Value) {
        let record = "mutation($id: ID!, $input: TransactionInput!) { transactionRecord(programId: $id, input: $input) {
            userErrors { field message } } }";
        self.done(record, json!({ "id": self.program, "input": input })).await;
    }

    /// Gives so many euros of a sale back, now.
    pub async fn refund(&self, sale: &str, key: &str, amount: &str) {
        let refund = "mutation($input: RefundInput!) { transactionRefund(input: $input) { userErrors { field message } } }";
        let input =
            json!({ "programId": self.program, "transactionKey": sale, "key": key, "amount": amount });
        self.done(refund, json!({ "input": input })).await;
    }

    /// All rewards that rules made, in the order of making: `source rule whom amount net status version`.
    pub async fn rewards(&self) -> Vec<String> {
        let query = "{ rewards(first: 100, filter: { triggers: [SIGNUP, SALE, MILESTONE] }) { nodes { transaction { key } customer { key } ruleId partner { key }
            beneficiaryCustomer { key } amount { amount currency } net { amount } status terms { number } } } }";
        let rewards = self.done(query, json!({})).await;
        rewards["nodes"].as_array().unwrap().iter().rev().map(reward_line).collect()
    }

    /// Sales that earned nothing, with the reason: `key reason`, in the order of recording.
    pub async fn reasons(&self) -> Vec<String> {
        let query = "{ transactions(first: 100) { nodes { key nonRewards { reason } } } }";
        let sales = self.done(query, json!({})).await;
        let said = |sale: &Value| {
            let reason = sale["nonRewards"][0]["reason"].as_str()?;
            Some(format!("{} {reason}", text(&sale["key"])))
        };
        sales["nodes"].as_array().unwrap().iter().rev().filter_map(said).collect()
    }

    /// What sign-ups earned, or why they earned nothing: `key rule` or `key reason`, in the order of recording.
    pub async fn signups(&self) -> Vec<String> {
        let query = "{ customers(first: 100) { nodes { key signupRewards { ruleId } signupNonRewards { reason } } } }";
        let customers = self.done(query, json!({})).await;
        let said = |customer: &Value| {
            let rules = customer["signupRewards"].as_array().unwrap().iter().map(|one| &one["ruleId"]);
            let reasons = customer["signupNonRewards"].as_array().unwrap().iter().map(|one| &one["reason"]);
            let key = text(&customer["key"]);
            rules.chain(reasons).map(|word| format!("{key} {}", text(word))).collect::<Vec<_>>()
        };
        customers["nodes"].as_array().unwrap().iter().rev().flat_map(said).collect()
    }

    /// Why a sale's rewards are what they are, or why there are none: the sentences of each, for the owner.
    pub async fn why(&self, sale: &str) -> Vec<Vec<String>> {
        let query = "{ transactions(first: 100) { nodes { key rewards { explanation { sentences } }
            nonRewards { explanation { sentences } } } } }";
        let sales = self.done(query, json!({})).await;
        let sale = sales["nodes"].as_array().unwrap().iter().find(|node| node["key"] == sale).unwrap();
        let both = ["rewards", "nonRewards"].map(|list| sale[list].as_array().unwrap());
        let said = both.into_iter().flatten().map(|one| &one["explanation"]["sentences"]);
        said.map(|sentences| serde_json::from_value(sentences.clone()).unwrap()).collect()
    }

    /// A partner's balances by its id: `currency held available paid`.
    pub async fn balances(&self, partner: &str) -> Vec<String> {
        let query = "query($id: ID!) { partner(id: $id) { balances {
            currency held { amount } available { amount } paid { amount } } } }";
        balance_lines(&self.done(query, json!({ "id": partner })).await["balances"])
    }

    /// A customer's id and balances, by its key.
    pub async fn customer_by_key(&self, key: &str) -> (String, Vec<String>) {
        let query =
            "query($id: ID!, $key: String!) { customerByKey(programId: $id, key: $key) { id balances {
            currency held { amount } available { amount } paid { amount } } } }";
        let found = self.done(query, json!({ "id": self.program, "key": key })).await;
        (text(&found["id"]), balance_lines(&found["balances"]))
    }
}

/// A `MoneyInput`.
pub fn euros(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// A percentage of each sale, for the partner.
pub fn percent(percent: &str) -> Value {
    json!({ "type": "PERCENT", "percent": percent })
}

fn reward_line(reward: &Value) -> String {
    let key = |noun: &str| reward[noun]["key"].as_str();
    let source = key("transaction").or(key("customer")).unwrap();
    let whom = key("partner").or(key("beneficiaryCustomer")).unwrap();
    let currency = match text(&reward["amount"]["currency"]) {
        euros if euros == "EUR" => String::new(),
        unit => format!(" {unit}"),
    };
    format!(
        "{source} {} {whom} {}{currency} {} {} v{}",
        text(&reward["ruleId"]),
        text(&reward["amount"]["amount"]),
        text(&reward["net"]["amount"]),
        text(&reward["status"]),
        reward["terms"]["number"]
    )
}

fn balance_lines(balances: &Value) -> Vec<String> {
    let amount = |balance: &Value, bucket: &str| text(&balance[bucket]["amount"]);
    let line = |balance: &Value| {
        let [held, available, paid] = ["held", "available", "paid"].map(|bucket| amount(balance, bucket));
        format!("{} {held} {available} {paid}", text(&balance["currency"]))
    };
    balances.as_array().unwrap().iter().map(line).collect()
}

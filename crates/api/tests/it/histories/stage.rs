use std::collections::HashMap;

use serde_json::{Map, Value, json};
use test_support::Actor;

use crate::shop::text;

/// A history under way: a program of an account of its own.
pub struct Stage {
    pub(super) owner: Actor,
    pub(super) program: String,
    /// The currencies of the history's sales, by their keys.
    pub(super) currencies: HashMap<String, Value>,
    /// Partners' ids by their names in the history.
    pub(super) partners: HashMap<String, String>,
}

impl Stage {
    /// Everything that stands before the first event.
    pub async fn set(owner: Actor, history: &Value) -> Self {
        let said = &history["program"];
        let input = json!({ "name": "Program", "currency": said["currency"], "timeZone": said["timeZone"],
            "grandfathering": said["grandfathering"], "lateSaleDays": 3650 });
        let create = "mutation($input: ProgramCreateInput!) { it: programCreate(input: $input) {
            program { id } userErrors { field message } } }";
        let made = done(&owner, create, json!({ "input": input })).await;
        let program = text(&made["program"]["id"]);
        let sales = history["events"].as_array().unwrap().iter().filter(|event| event["type"] == "SALE");
        let currencies = sales.map(|sale| (text(&sale["id"]), sale["currency"].clone())).collect();
        let mut stage = Self { owner, program, currencies, partners: HashMap::new() };
        let groups = stage.groups(history).await;
        for version in history["terms"].as_array().unwrap() {
            stage.publish(said, version, &groups).await;
        }
        let activate = "mutation($id: ID!) { it: programActivate(id: $id) { userErrors { message } } }";
        stage.done(activate, json!({ "id": stage.program })).await;
        for rate in history["rates"].as_array().into_iter().flatten() {
            let mut input = rate.clone();
            input["source"] = json!("a test");
            let store = "mutation($input: RateInput!) { it: rateStore(input: $input) { userErrors { field message } } }";
            stage.done(store, json!({ "input": input })).await;
        }
        stage.hire(history, &groups).await;
        stage
    }

    /// What an operation answers that must go well, under the name `it`.
    pub(super) async fn done(&self, query: &str, variables: Value) -> Value {
        done(&self.owner, query, variables).await
    }

    /// The groups that partners are in or conditions name, by name.
    async fn groups(&self, history: &Value) -> HashMap<String, String> {
        let of_partners = history["partners"].as_array().unwrap().iter().map(|partner| &partner["group"]);
        let rules =
            history["terms"].as_array().unwrap().iter().flat_map(|terms| terms["rules"].as_array().unwrap());
        let conditions = rules.flat_map(|rule| rule["conditions"].as_array().into_iter().flatten());
        let of_groups = conditions.filter(|condition| condition["field"] == "partner.group");
        let named = of_groups.flat_map(|condition| condition["value"].as_array().unwrap());
        let mut groups = HashMap::new();
        let create = "mutation($input: GroupCreateInput!) { it: groupCreate(input: $input) {
            group { id } userErrors { field message } } }";
        for name in of_partners.chain(named).filter_map(Value::as_str) {
            if !groups.contains_key(name) {
                let input = json!({ "programId": self.program, "name": name });
                let made = self.done(create, json!({ "input": input })).await;
                groups.insert(name.to_owned(), text(&made["group"]["id"]));
            }
        }
        groups
    }

    async fn publish(&self, said: &Value, version: &Value, groups: &HashMap<String, String>) {
        let rules = version["rules"].as_array().unwrap().iter();
        let rules: Vec<Value> = rules.map(|written| rule(written, groups)).collect();
        let input = json!({ "rules": rules, "holdDays": said["holdDays"], "rounding": said["rounding"],
            "selfReferral": said["selfReferral"], "rateMaxAgeDays": said["rateMaxAgeDays"] });
        let put =
            "mutation($id: ID!, $input: TermsInput!) { it: termsDraftPut(programId: $id, input: $input) {
            terms { id } userErrors { field message } } }";
        let draft = self.done(put, json!({ "id": self.program, "input": input })).await;
        let publish =
            "mutation($id: ID!, $from: DateTime) { it: termsPublish(id: $id, effectiveFrom: $from) {
            userErrors { field message } } }";
        let from = &version["effectiveFrom"];
        self.done(publish, json!({ "id": draft["terms"]["id"], "from": from })).await;
    }

    /// The partners, and once all are there those above them.
    async fn hire(&mut self, history: &Value, groups: &HashMap<String, String>) {
        let create = "mutation($input: PartnerCreateInput!) { it: partnerCreate(input: $input) {
            partner { id } userErrors { field message } } }";
        let apply = "mutation($input: PartnerApplyInput!) { it: partnerApply(input: $input) {
            partner { id } userErrors { field message } } }";
        let partners = history["partners"].as_array().unwrap();
        for partner in partners {
            let (name, status) = (text(&partner["id"]), text(&partner["status"]));
            let input = json!({ "programId": self.program, "key": name.to_lowercase(), "name": name, "email": partner["email"] });
            let enter = if status == "PENDING" { apply } else { create };
            let made = self.done(enter, json!({ "input": input })).await;
            self.partners.insert(name.clone(), text(&made["partner"]["id"]));
        }
        let update =
            "mutation($id: ID!, $input: PartnerUpdateInput!) { it: partnerUpdate(id: $id, input: $input) {
            userErrors { field message } } }";
        for partner in partners {
            let upline = partner["upline"].as_str().map(|name| &self.partners[name]);
            let group = partner["group"].as_str().map(|name| &groups[name]);
            let input = json!({ "uplineId": upline, "groupId": group, "tags": partner["tags"] });
            let id = &self.partners[partner["id"].as_str().unwrap()];
            self.done(update, json!({ "id": id, "input": input })).await;
            if partner["status"] == "SUSPENDED" {
                self.status(partner["id"].as_str().unwrap(), "SUSPENDED").await;
            }
        }
    }

    /// A partner stands there from now on; that it does already, or cannot, changes nothing.
    pub(super) async fn status(&self, name: &str, status: &str) {
        let id = json!({ "id": self.partners[name] });
        let found = self.done("query($id: ID!) { it: partner(id: $id) { status } }", id.clone()).await;
        let verb = match (found["status"].as_str().unwrap(), status) {
            ("PENDING", "APPROVED") => "partnerApprove(id: $id)",
            ("SUSPENDED", "APPROVED") => "partnerReinstate(id: $id)",
            ("APPROVED", other) if other != "APPROVED" => "partnerSuspend(id: $id, reason: \"a test\")",
            _ => return,
        };
        let change = format!("mutation($id: ID!) {{ it: {verb} {{ userErrors {{ message }} }} }}");
        self.done(&change, id).await;
    }
}

async fn done(owner: &Actor, query: &str, variables: Value) -> Value {
    owner.gql(query, variables).await.ok()["it"].take()
}

/// A written rule as GraphQL has it: conditions name their field in capitals, and their operand by its kind.
fn rule(written: &Value, groups: &HashMap<String, String>) -> Value {
    let mut rule = written.clone();
    if let Some(conditions) = written["conditions"].as_array() {
        rule["conditions"] = conditions.iter().map(|condition| self::condition(condition, groups)).collect();
    }
    rule
}

fn condition(written: &Value, groups: &HashMap<String, String>) -> Value {
    let field = text(&written["field"]);
    let value = match field.as_str() {
        "partner.group" => {
            let names = written["value"].as_array().unwrap().iter();
            names.map(|name| json!(groups[name.as_str().unwrap()])).collect()
        }
        _ => written["value"].clone(),
    };
    let operand = match field.as_str() {
        "sale.amount" => "amount",
        "sale.at" => "at",
        _ => "values",
    };
    let mut said = Map::from_iter([
        ("field".to_owned(), json!(capitals(&field))),
        ("op".to_owned(), written["op"].clone()),
    ]);
    said.insert(operand.to_owned(), value);
    Value::Object(said)
}

/// `line.productId` is `LINE_PRODUCT_ID`.
fn capitals(field: &str) -> String {
    let letter = |letter: char| match letter {
        '.' => "_".to_owned(),
        upper if upper.is_uppercase() => format!("_{upper}"),
        lower => lower.to_uppercase().to_string(),
    };
    field.chars().map(letter).collect()
}

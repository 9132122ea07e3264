use serde_json::{Value, json};

use super::stage::Stage;
use crate::shop::text;

impl Stage {
    /// Records an event; false if the verb refuses what the histories allow: a refund beyond its sale.
    pub async fn record(&self, event: &Value) -> bool {
        match event["type"].as_str().unwrap() {
            "PARTNER_STATUS" => {
                self.status(event["partner"].as_str().unwrap(), event["status"].as_str().unwrap()).await
            }
            "CUSTOMER" => self.customer(event).await,
            "SALE" => self.sale(event).await,
            _ => return self.adjust(event).await,
        }
        true
    }

    /// A customer who is known already is the same: nothing happens.
    async fn customer(&self, event: &Value) {
        let known = "query($id: ID!, $key: String!) { it: customerByKey(programId: $id, key: $key) { id } }";
        if !self.done(known, json!({ "id": self.program, "key": event["id"] })).await.is_null() {
            return;
        }
        let partner = event["partner"].as_str().map(|name| &self.partners[name]);
        let input = json!({ "programId": self.program, "key": event["id"], "email": event["email"], "country": event["country"],
            "tags": event["tags"], "partnerId": partner, "signedUpAt": event["at"] });
        let upsert = "mutation($input: CustomerInput!) { it: customerUpsert(input: $input) { userErrors { field message } } }";
        self.done(upsert, json!({ "input": input })).await;
    }

    /// Items above net, or other words under a key that was recorded before, are refused: as the history has it, nothing happens.
    async fn sale(&self, event: &Value) {
        let items: Vec<&Value> = event["items"].as_array().into_iter().flatten().collect();
        let mut input = json!({ "key": event["id"], "customerKey": event["customer"], "discount": event["discount"],
            "tax": event["tax"], "items": items, "couponCode": event["coupon"], "occurredAt": event["at"],
            "amount": { "amount": event["gross"], "currency": event["currency"] } });
        if event["rewardable"].is_boolean() {
            input["rewardable"] = event["rewardable"].clone();
        }
        let record = "mutation($id: ID!, $input: TransactionInput!) { it: transactionRecord(programId: $id, input: $input) {
            userErrors { code } } }";
        let answer = self.owner.gql(record, json!({ "id": self.program, "input": input })).await;
        assert_eq!(answer.code(), "", "{answer:?}");
    }

    async fn adjust(&self, event: &Value) -> bool {
        let (program, key, at) = (&self.program, &event["id"], &event["at"]);
        let (verb, noun, said) = match event["type"].as_str().unwrap() {
            "CHARGEBACK_WON" => (
                "transactionChargebackWon",
                "ChargebackWonInput",
                json!({ "chargebackKey": event["adjustment"] }),
            ),
            "CHARGEBACK" => (
                "transactionChargeback",
                "WholeAdjustmentInput",
                json!({ "transactionKey": event["transaction"] }),
            ),
            "VOID" => {
                ("transactionVoid", "WholeAdjustmentInput", json!({ "transactionKey": event["transaction"] }))
            }
            _ => ("transactionRefund", "RefundInput", self.refund(event)),
        };
        let mut input = json!({ "programId": program, "key": key, "occurredAt": at });
        input.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let adjust =
            format!("mutation($input: {noun}!) {{ it: {verb}(input: $input) {{ userErrors {{ code }} }} }}");
        let answer = self.owner.gql(&adjust, json!({ "input": input })).await;
        assert_eq!(answer.code(), "", "{answer:?}");
        // The same key with other words is the same adjustment in a history.
        matches!(answer.user_error_codes()[..], [] | ["IDEMPOTENCY_MISMATCH"])
    }

    fn refund(&self, event: &Value) -> Value {
        let lines: Vec<&Value> = event["lines"].as_array().into_iter().flatten().collect();
        let amount = if lines.is_empty() { json!(text(&event["amount"])) } else { Value::Null };
        json!({ "transactionKey": event["transaction"], "amount": amount, "lines": lines, "basis": "NET",
            "currency": self.currencies.get(&text(&event["transaction"])) })
    }
}

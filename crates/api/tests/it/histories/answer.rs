use serde_json::{Value, json};

use super::stage::Stage;
use crate::shop::text;

const REWARDS: &str = "query($programs: [ID!]!, $after: String) {
    it: rewards(filter: { programIds: $programs }, first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes {
        transaction { key } customer { key } ruleId level partner { id } beneficiaryCustomer { key } amount { amount currency }
        net { amount } reviewReasons { code } heldUntil terms { number } } } }";
const REASONS: &str = "query($programs: [ID!]!, $after: String) {
    it: transactions(filter: { programIds: $programs }, first: 100, after: $after) { pageInfo { hasNextPage endCursor }
        nodes { key nonRewards { reason } } } }";

impl Stage {
    /// All rewards as histories write them.
    pub async fn rewards(&self) -> Vec<Value> {
        self.all(REWARDS).await.iter().map(|reward| self.reward(reward)).collect()
    }

    /// Why sales earned nothing, as histories write it.
    pub async fn reasons(&self) -> Vec<Value> {
        let sales = self.all(REASONS).await;
        let reasons = |sale: &Value| {
            let key = sale["key"].clone();
            let reasons = sale["nonRewards"].as_array().unwrap().clone().into_iter();
            reasons.map(move |said| json!({ "source": key, "reason": said["reason"] })).collect::<Vec<_>>()
        };
        sales.iter().flat_map(reasons).collect()
    }

    async fn all(&self, query: &str) -> Vec<Value> {
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.done(query, json!({ "programs": [self.program], "after": after })).await;
            found.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                return found;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    fn reward(&self, reward: &Value) -> Value {
        let source = if reward["transaction"].is_null() { "customer" } else { "transaction" };
        let names = |id: &str| self.partners.iter().find(|(_, known)| *known == id).unwrap().0.clone();
        let partner = reward["partner"]["id"].as_str().map(names);
        let beneficiary = partner.unwrap_or_else(|| text(&reward["beneficiaryCustomer"]["key"]));
        let waits = reward["reviewReasons"].as_array().is_some_and(|reasons| !reasons.is_empty());
        json!({ "source": reward[source]["key"], "rule": reward["ruleId"], "beneficiary": beneficiary,
            "level": reward["level"], "currency": reward["amount"]["currency"],
            "amount": minor(&reward["amount"]["amount"]), "net": minor(&reward["net"]["amount"]),
            "status": if waits { "PENDING_REVIEW" } else { "HELD" },
            "holdUntil": text(&reward["heldUntil"]).replace("+00:00", "Z"), "terms": reward["terms"]["number"] })
    }
}

/// Amounts are shown with all digits of their currency: without the point they are minor units.
fn minor(amount: &Value) -> i64 {
    text(amount).replace('.', "").parse().unwrap()
}

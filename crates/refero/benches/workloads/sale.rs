use anyhow::Context;
use ids::TransactionId;
use serde_json::json;

use crate::{
    client::Connection,
    seed::{Shop, customer_key},
    server::Credential,
};

const RECORD: &str = "mutation Record($program: ID!, $input: TransactionInput!) { \
     transactionRecord(programId: $program, input: $input) { transaction { id } userErrors { message } } }";

/// A sale to be recorded.
pub struct Sale {
    pub key: String,
    pub customer: usize,
    pub cents: usize,
}

impl Sale {
    /// Records it as an integrator does, and answers its id.
    pub async fn record(&self, connection: &mut Connection, shop: &Shop) -> anyhow::Result<TransactionId> {
        let credential = Credential::Key(shop.api_key.clone());
        let data = connection.ask(&credential, RECORD, &self.variables(shop)).await?;
        let id = data["transactionRecord"]["transaction"]["id"].as_str();
        Ok(id.with_context(|| data.to_string())?.parse()?)
    }

    fn variables(&self, shop: &Shop) -> serde_json::Value {
        let amount = format!("{}.{:02}", self.cents / 100, self.cents % 100);
        let input = json!({
            "key": self.key,
            "customerKey": customer_key(self.customer),
            "amount": { "amount": amount, "currency": "USD" },
        });
        json!({ "program": shop.program_id, "input": input })
    }
}

//! Refunds, chargebacks, won disputes and voids, as clients meet them.

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

use crate::shop::{Shop, record, text};

const SALE: &str = "query($id: ID!) { transaction(id: $id) { status refunded { amount } adjustments { kind key amount { amount }
    basis lines { line amount { amount } } transactionKey chargebackKey refused transaction { key } } } }";

/// What a mutation that adjusts a sale answers: the adjustment's kind, or code and field of the first error.
async fn adjust(actor: &Actor, verb: &str, input: Value) -> String {
    let noun = match verb {
        "transactionRefund" => "RefundInput",
        "transactionChargebackWon" => "ChargebackWonInput",
        _ => "WholeAdjustmentInput",
    };
    let mutation = format!(
        "mutation($input: {noun}!) {{ it: {verb}(input: $input) {{ adjustment {{ kind }} userErrors {{ field code details }} }} }}"
    );
    let done = actor.gql(&mutation, json!({ "input": input })).await.data;
    let error = &done["it"]["userErrors"][0];
    match done["it"]["adjustment"]["kind"].as_str() {
        Some(kind) => kind.to_owned(),
        None => format!("{} {} {}", text(&error["code"]), error["field"], error["details"]),
    }
}

#[tokio::test]
async fn a_sale_shows_what_became_of_it() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let owner = app.owner();
    let sold = record(&owner, &shop.program, "one", "ada", "100").await;
    let id = text(&sold["transaction"]["id"]);
    let key = app.api_key(&[P::TransactionsWrite, P::TransactionsRead], &[]).await;
    let refund = json!({ "transactionId": id, "key": "r1", "amount": "25" });
    assert_eq!(adjust(&key, "transactionRefund", refund.clone()).await, "REFUND");
    assert_eq!(adjust(&key, "transactionRefund", refund).await, "REFUND", "the same again");
    let other = json!({ "transactionId": id, "key": "r1", "amount": "26" });
    assert_eq!(
        adjust(&key, "transactionRefund", other).await,
        "IDEMPOTENCY_MISMATCH [\"input\",\"key\"] null"
    );
    let by_key = json!({ "programId": shop.program, "transactionKey": "one", "key": "r2",
        "currency": "USD", "lines": [{ "line": 0, "amount": "10.5" }] });
    assert_eq!(adjust(&key, "transactionRefund", by_key).await, "REFUND");
    let seen = key.gql(SALE, json!({ "id": id })).await.ok();
    assert_eq!(
        seen["transaction"],
        json!({ "status": "PARTIALLY_REFUNDED", "refunded": { "amount": "35.50" }, "adjustments": [
            { "kind": "REFUND", "key": "r1", "amount": { "amount": "25.00" }, "basis": "GROSS", "lines": [],
                "transactionKey": "one", "chargebackKey": null, "refused": null, "transaction": { "key": "one" } },
            { "kind": "REFUND", "key": "r2", "amount": null, "basis": "GROSS",
                "lines": [{ "line": 0, "amount": { "amount": "10.50" } }],
                "transactionKey": "one", "chargebackKey": null, "refused": null, "transaction": { "key": "one" } },
        ] })
    );
    let too_much = json!({ "transactionId": id, "key": "r3", "amount": "65" });
    assert_eq!(
        adjust(&key, "transactionRefund", too_much.clone()).await,
        "REFUND_EXCEEDS_SALE null {\"left\":{\"amount\":\"64.50\",\"currency\":\"USD\"}}"
    );
    let whole = |key: &str| json!({ "transactionId": id, "key": key });
    assert_eq!(adjust(&key, "transactionChargeback", whole("c")).await, "CHARGEBACK");
    assert_eq!(
        adjust(&key, "transactionRefund", too_much).await,
        "WRONG_STATE null {\"current\":\"CHARGED_BACK\"}"
    );
    let won = json!({ "programId": shop.program, "chargebackKey": "c", "key": "w" });
    assert_eq!(adjust(&key, "transactionChargebackWon", won).await, "CHARGEBACK_WON");
    let status = async || text(&key.gql(SALE, json!({ "id": id })).await.ok()["transaction"]["status"]);
    assert_eq!(status().await, "PARTIALLY_REFUNDED");
    assert_eq!(adjust(&key, "transactionVoid", whole("v")).await, "VOID");
    assert_eq!(status().await, "VOIDED");
    app.run_jobs().await;
}

#[tokio::test]
async fn what_waits_for_its_sale_is_listed() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let owner = app.owner();
    let refund = json!({ "programId": shop.program, "transactionKey": "one", "key": "r", "amount": "5", "currency": "USD" });
    assert_eq!(adjust(&owner, "transactionRefund", refund).await, "REFUND");
    let waiting = "{ adjustments(filter: { waiting: true, kinds: [REFUND] }) { totalCount nodes { key transaction { key } } } }";
    let seen = owner.gql(waiting, json!({})).await.ok();
    assert_eq!(
        seen["adjustments"],
        json!({ "totalCount": 1, "nodes": [{ "key": "r", "transaction": null }] })
    );
    record(&owner, &shop.program, "one", "ada", "100").await;
    let seen = owner.gql(waiting, json!({})).await.ok();
    assert_eq!(seen["adjustments"], json!({ "totalCount": 0, "nodes": [] }));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_sale_is_named_in_one_way() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let owner = app.owner();
    let sold = record(&owner, &shop.program, "one", "ada", "100").await;
    let both = json!({ "transactionId": sold["transaction"]["id"], "programId": shop.program, "key": "v" });
    let refused = "[\"input\",\"transactionId\"] null";
    assert_eq!(adjust(&owner, "transactionVoid", both).await, format!("INVALID {refused}"));
    let neither = json!({ "programId": shop.program, "key": "v" });
    assert_eq!(adjust(&owner, "transactionVoid", neither).await, format!("REQUIRED {refused}"));
    let euros =
        json!({ "transactionId": sold["transaction"]["id"], "key": "r", "amount": "1", "currency": "EUR" });
    assert_eq!(
        adjust(&owner, "transactionRefund", euros).await,
        "CURRENCY_MISMATCH [\"input\",\"currency\"] null"
    );
    let line = json!({ "transactionId": sold["transaction"]["id"], "key": "r",
        "lines": [{ "line": 0, "amount": "1" }, { "line": 1, "amount": "1" }] });
    assert_eq!(
        adjust(&owner, "transactionRefund", line).await,
        "NOT_FOUND [\"input\",\"lines\",\"1\",\"line\"] null"
    );
    app.run_jobs().await;
}

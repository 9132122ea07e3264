//! Where partners' money goes, and who they are to the tax office.

use std::time::Duration;

use domain::team::{Permission as P, Role};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::TestApp;

use super::till::{REQUEST, SET_METHOD, Till, refusals};
use crate::partners::four_actors;

const METHODS: &str = "query($id: ID!) { partner(id: $id) { payoutMethod { kind label isDefault }
    payoutMethods { kind label isDefault archivedAt createdBy { ... on User { email } } } } }";

/// One of each kind.
fn kinds() -> Vec<Value> {
    let us = json!({ "us": { "routingNumber": "021000021", "accountNumber": "123456789", "accountType": "CHECKING" } });
    vec![
        json!({ "paypal": { "receiver": { "email": "ada@example.com" } } }),
        json!({ "paypal": { "wallet": "VENMO", "receiver": { "venmoHandle": "@ada-lovelace" } } }),
        json!({ "wise": { "holder": "Ada Lovelace", "legalType": "PRIVATE", "currency": "USD", "receiver": { "account": us } } }),
        json!({ "bank": { "holder": "Ada Lovelace", "account": { "iban": { "iban": "DE89 3704 0044 0532 0130 00" } } } }),
        json!({ "bank": { "holder": "Ada", "account": { "gb": { "sortCode": "12-34-56", "accountNumber": "12345678" } } } }),
        json!({ "bank": { "holder": "Ada", "account": { "ca": { "institutionNumber": "003", "transitNumber": "12345", "accountNumber": "1234567" } } } }),
        json!({ "bank": { "holder": "Ada", "account": { "au": { "bsb": "123-456", "accountNumber": "12345678" } } } }),
        json!({ "bank": { "holder": "Ada", "account": { "in": { "ifsc": "HDFC0000001", "accountNumber": "123456789012" } } } }),
        json!({ "bank": { "holder": "Ada", "account": { "swift": { "bic": "DEUTDEFF", "accountNumber": "12345678" } } } }),
        json!({ "storeCredit": { "reference": "customer 7" } }),
        json!({ "crypto": { "network": "ETHEREUM", "asset": "USDC", "address": "0x52908400098527886E0F7030069857D2E4169EE7", "holder": "Ada" } }),
        json!({ "manual": { "instructions": "Cash, on Friday" } }),
    ]
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn each_kind_of_method_is_shown_masked() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = app.partner(till.program, "bob").await;
    let mut shown = Vec::new();
    for input in kinds() {
        let set = app.owner().gql(SET_METHOD, json!({ "id": bob, "input": input })).await.ok();
        let method = &set["payoutMethodSet"]["payoutMethod"];
        shown.push(json!([method["kind"], method["label"], method["replacedAnother"]]));
    }
    assert_json_snapshot!(shown, @r#"
    [
      [
        "PAYPAL",
        "PayPal a***@example.com",
        false
      ],
      [
        "PAYPAL",
        "Venmo a***",
        true
      ],
      [
        "WISE",
        "Wise US bank account ending 6789",
        true
      ],
      [
        "BANK",
        "DE** **** 3000",
        true
      ],
      [
        "BANK",
        "GB bank account ending 5678",
        true
      ],
      [
        "BANK",
        "CA bank account ending 567",
        true
      ],
      [
        "BANK",
        "AU bank account ending 5678",
        true
      ],
      [
        "BANK",
        "IN bank account ending 9012",
        true
      ],
      [
        "BANK",
        "DE bank account ending 5678",
        true
      ],
      [
        "STORE_CREDIT",
        "Store credit",
        true
      ],
      [
        "CRYPTO",
        "USDC on Ethereum ending 9EE7",
        true
      ],
      [
        "MANUAL",
        "By hand",
        true
      ]
    ]
    "#);
    let seen = app.owner().gql(METHODS, json!({ "id": bob })).await.ok();
    assert_eq!(seen["partner"]["payoutMethod"]["kind"], "MANUAL");
    assert_eq!(seen["partner"]["payoutMethods"].as_array().unwrap().len(), kinds().len());
    app.run_jobs().await;
}

#[tokio::test]
async fn a_method_is_set_by_who_may_and_is_nowhere_in_clear() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = app.partner(till.program, "bob").await;
    let seen = "{ partners { nodes { payoutMethod { label } payee { hasTaxId } } } }";
    let input = json!({ "bank": { "holder": "Ada Lovelace", "account": { "iban": { "iban": "DE89370400440532013000" } } } });
    four_actors(&app, SET_METHOD, json!({ "id": bob, "input": input }), seen).await;
    let payee = "mutation($id: ID!, $input: PayeeInput!) { payeeUpdate(partnerId: $id, input: $input) {
        payee { company address taxId hasTaxId } userErrors { field code } } }";
    let said = json!({ "company": "Analytical Engines", "address": "1 Line\n2 Line", "taxId": "GB123" });
    let updated = four_actors(&app, payee, json!({ "id": bob, "input": said.clone() }), seen).await;
    let mut expected = said;
    expected["hasTaxId"] = json!(true);
    assert_eq!(updated["payeeUpdate"]["payee"], expected);
    let emptied = json!({ "id": bob, "input": { "taxId": null } });
    let emptied = app.owner().gql(payee, emptied).await.ok();
    assert_eq!(emptied["payeeUpdate"]["payee"]["taxId"], Value::Null);
    assert_eq!(emptied["payeeUpdate"]["payee"]["company"], "Analytical Engines", "what is left out stays");
    let events = "{ events(first: 100) { nodes { topic payload } } auditEntries(first: 100) { nodes { action before after } }
        partners { nodes { payoutMethod { id kind label } payoutMethods { label } } } }";
    let body = json!({ "query": events }).to_string();
    let all = String::from_utf8(app.owner().post(&body).await.body).unwrap();
    assert!(all.contains("payoutMethodSet") && all.contains("DE** **** 3000"), "{all}");
    for secret in ["3704", "0532", "Lovelace", "Analytical", "GB123"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
    let archive = "mutation($id: ID!) { payoutMethodArchive(partnerId: $id) { payoutMethod { isDefault } userErrors { code } } }";
    four_actors(&app, archive, json!({ "id": bob }), seen).await;
    assert_eq!(refusals(&app.owner().gql(archive, json!({ "id": bob })).await), ["NOT_FOUND"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_wrong_with_details_is_told_where_it_stands() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = app.partner(till.program, "bob").await;
    let mut told = Vec::new();
    for input in [
        json!({ "bank": { "holder": "", "account": { "iban": { "iban": "DE89370400440532013001", "bic": "X" } } } }),
        json!({ "bank": { "holder": "Ada", "account": { "us": { "routingNumber": "021000022", "accountNumber": "1" } } } }),
        json!({ "wise": { "holder": "Ada", "legalType": "BUSINESS", "currency": "EUR",
            "receiver": { "account": { "gb": { "sortCode": "123456", "accountNumber": "12345678" } } } } }),
        json!({ "paypal": { "wallet": "VENMO", "receiver": { "paypalId": "99C7UJYT3UA6E" } } }),
        json!({ "crypto": { "network": "SOLANA", "asset": "USDC", "address": "0x1", "holder": "Ada" } }),
    ] {
        let answer = app.owner().gql(SET_METHOD, json!({ "id": bob, "input": input })).await;
        let errors = answer.data["payoutMethodSet"]["userErrors"].as_array().unwrap().clone();
        for error in errors {
            let field: Vec<_> = error["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            told.push(format!(
                "{} {}: {}",
                error["code"].as_str().unwrap(),
                field.join("."),
                error["message"].as_str().unwrap()
            ));
        }
    }
    assert_json_snapshot!(told, @r#"
    [
      "REQUIRED input.bank.holder: This must be given.",
      "INVALID input.bank.account.iban.iban: The check digits do not match: most likely a typing error.",
      "INVALID input.bank.account.iban.bic: This is not a valid value.",
      "INVALID input.bank.account.us.routingNumber: The check digits do not match: most likely a typing error.",
      "INVALID input.bank.account.us.accountNumber: This is not a valid value.",
      "CURRENCY_MISMATCH input.wise.currency: Accounts of this kind are kept in GBP.",
      "INVALID input.paypal.receiver.paypalId: The wallet cannot be reached by a receiver of this kind.",
      "INVALID input.crypto.address: This is not a valid value."
    ]
    "#);
    app.run_jobs().await;
}

#[tokio::test]
async fn another_method_cools_down() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let other = json!({ "id": bob, "input": { "manual": { "instructions": "Cash, on Monday" } } });
    app.owner().gql(SET_METHOD, other.clone()).await.ok();
    app.owner().gql(SET_METHOD, other).await.ok();
    let request = json!({ "input": { "partnerId": bob }, "key": "k" });
    let refused = app.owner().gql(REQUEST, request.clone()).await;
    assert_eq!(refused.data["payoutRequest"]["userErrors"][0]["details"]["reason"], "METHOD_COOLING_DOWN");
    app.advance(Duration::from_secs(24 * 3_600)).await;
    app.owner().gql(REQUEST, request).await.ok();
    app.run_jobs().await;
}

#[tokio::test]
async fn without_keys_no_method_is_kept() {
    let app = TestApp::builder().without_vault().start().await;
    let till = Till::open(&app).await;
    let bob = app.partner(till.program, "bob").await;
    let manual = json!({ "id": bob, "input": { "manual": { "instructions": "Cash" } } });
    assert_eq!(refusals(&app.owner().gql(SET_METHOD, manual).await), ["VAULT_MISSING"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn payees_are_personal_data_and_shared_ones_are_left_to_who_reaches_all() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let payee = "mutation($id: ID!) { payeeUpdate(partnerId: $id, input: { company: \"Engines\" }) { userErrors { field code } } }";
    app.owner().gql(payee, json!({ "id": bob })).await.ok();
    let read = "query($id: ID!) { partner(id: $id) { payee { company hasTaxId } } }";
    let viewer = app.member(Role::Viewer).await.gql(read, json!({ "id": bob })).await;
    assert_eq!((viewer.code(), &viewer.data["partner"]["payee"]["company"]), ("FORBIDDEN", &Value::Null));
    let second = app.program().await;
    app.partner(second, "bob").await;
    let limited = app.api_key(&[P::PartnersWrite], &[till.program]).await;
    let manual = json!({ "id": bob, "input": { "manual": { "instructions": "Mine" } } });
    let archive = "mutation($id: ID!) { payoutMethodArchive(partnerId: $id) { userErrors { field code } } }";
    for (mutation, variables) in
        [(SET_METHOD, manual), (payee, json!({ "id": bob })), (archive, json!({ "id": bob }))]
    {
        assert_eq!(refusals(&limited.gql(mutation, variables).await), ["FORBIDDEN partnerId"], "{mutation}");
    }
    app.run_jobs().await;
}

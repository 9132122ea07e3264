//! What a person gives by hand, and what is redeemed of it.

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::shop::Shop;

const GIVE: &str = "mutation($input: RewardManualInput!) { rewardCreateManual(input: $input) {
    reward { trigger status reason ruleId net { amount } amount { amount currency } terms { id } transaction { key }
        partner { key balances { available { amount } } }
        beneficiaryCustomer { key balances { currency available { amount } } }
        explanation { sentences } reversals { id } }
    userErrors { field message code details } } }";

const REDEEM: &str = "mutation($input: RedemptionInput!) { redemptionCreate(input: $input) {
    redemption { key reason amount { amount currency } availableAfter { amount } partner { key }
        customer { key balances { available { amount } paid { amount } } } }
    userErrors { field message code details } } }";

async fn ask(app: &TestApp, query: &str, input: Value) -> Value {
    let answer = app.owner().gql(query, json!({ "input": input })).await.ok();
    answer.as_object().unwrap().values().next().unwrap().clone()
}

#[tokio::test]
async fn a_person_gives_and_a_customer_redeems() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let amount = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    let bonus = json!({ "partnerId": shop.partner, "amount": amount("12.50", "USD"), "reason": "Best post of May",
        "idempotencyKey": "may" });
    let given = ask(&app, GIVE, bonus.clone()).await;
    assert_json_snapshot!(given, @"");
    assert_eq!(ask(&app, GIVE, bonus).await, given, "the same key and words");
    let credit = json!({ "customerId": shop.customer, "amount": amount("20", "USD"), "reason": "Welcome",
        "idempotencyKey": "ada" });
    assert_json_snapshot!(ask(&app, GIVE, credit).await["reward"]["beneficiaryCustomer"], @"");
    let redemption = json!({ "customerId": shop.customer, "amount": amount("15", "USD"), "reason": "Order 7", "key": "7" });
    let redeemed = ask(&app, REDEEM, redemption.clone()).await;
    assert_json_snapshot!(redeemed, @"");
    assert_eq!(ask(&app, REDEEM, redemption).await, redeemed, "the same key and words");
    let list =
        "{ redemptions { totalCount nodes { key } } rewards(filter: { triggers: [MANUAL] }) { totalCount } }";
    let list = app.owner().gql(list, json!({})).await.ok();
    assert_eq!(list["redemptions"], json!({ "totalCount": 1, "nodes": [{ "key": "7" }] }));
    assert_eq!(list["rewards"]["totalCount"], 2);
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let say = |who: Value, amount: &str, currency: &str| {
        let mut input = json!({ "amount": { "amount": amount, "currency": currency }, "reason": "r" });
        input.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
        input
    };
    let give = |who: Value, amount: &str, currency: &str| {
        let mut input = say(who, amount, currency);
        input["idempotencyKey"] = json!("k");
        input
    };
    let redeem = |who: Value, amount: &str, currency: &str| {
        let mut input = say(who, amount, currency);
        input["key"] = json!("k");
        input
    };
    let (partner, customer) = (json!({ "partnerId": shop.partner }), json!({ "customerId": shop.customer }));
    let both = json!({ "partnerId": shop.partner, "customerId": shop.customer });
    let mut refused = Vec::new();
    for input in [
        give(json!({}), "1", "USD"),
        give(both.clone(), "1", "USD"),
        give(partner.clone(), "0", "USD"),
        give(partner.clone(), "1", "points"),
    ] {
        refused.push(ask(&app, GIVE, input).await["userErrors"][0].clone());
    }
    for input in [redeem(both, "1", "USD"), redeem(partner, "1", "USD"), redeem(customer, "1", "USD")] {
        refused.push(ask(&app, REDEEM, input).await["userErrors"][0].clone());
    }
    let said = |error: &Value| {
        format!("{} {} {} {}", error["code"], error["field"], error["message"], error["details"])
    };
    assert_json_snapshot!(refused.iter().map(said).collect::<Vec<_>>(), @"");
    app.run_jobs().await;
}

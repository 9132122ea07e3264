//! What a person gives by hand, and what is redeemed of it.

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::shop::Shop;

const GIVE: &str = "mutation($input: RewardManualInput!) { rewardCreateManual(input: $input) {
    reward { trigger status reason ruleId net { amount } amount { amount currency } terms { id } transaction { key }
        partner { balances { available { amount } } }
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
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn a_person_gives_and_a_customer_redeems() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let amount = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    let bonus = json!({ "partnerId": shop.partner, "amount": amount("12.50", "USD"), "reason": "Best post of May",
        "idempotencyKey": "may" });
    let given = ask(&app, GIVE, bonus.clone()).await;
    assert_json_snapshot!(given, @r#"
    {
      "reward": {
        "amount": {
          "amount": "12.50",
          "currency": "USD"
        },
        "beneficiaryCustomer": null,
        "explanation": {
          "sentences": [
            "Given by hand: Best post of May"
          ]
        },
        "net": {
          "amount": "12.50"
        },
        "partner": {
          "balances": [
            {
              "available": {
                "amount": "12.50"
              }
            }
          ]
        },
        "reason": "Best post of May",
        "reversals": [],
        "ruleId": null,
        "status": "AVAILABLE",
        "terms": null,
        "transaction": null,
        "trigger": "MANUAL"
      },
      "userErrors": []
    }
    "#);
    assert_eq!(ask(&app, GIVE, bonus).await, given, "the same key and words");
    let credit = json!({ "customerId": shop.customer, "amount": amount("20", "USD"), "reason": "Welcome",
        "idempotencyKey": "ada" });
    assert_json_snapshot!(ask(&app, GIVE, credit).await["reward"]["beneficiaryCustomer"], @r#"
    {
      "balances": [
        {
          "available": {
            "amount": "20.00"
          },
          "currency": "USD"
        }
      ],
      "key": "ada"
    }
    "#);
    let redemption = json!({ "customerId": shop.customer, "amount": amount("15", "USD"), "reason": "Order 7", "key": "7" });
    let redeemed = ask(&app, REDEEM, redemption.clone()).await;
    assert_json_snapshot!(redeemed, @r#"
    {
      "redemption": {
        "amount": {
          "amount": "15.00",
          "currency": "USD"
        },
        "availableAfter": {
          "amount": "5.00"
        },
        "customer": {
          "balances": [
            {
              "available": {
                "amount": "5.00"
              },
              "paid": {
                "amount": "15.00"
              }
            }
          ],
          "key": "ada"
        },
        "key": "7",
        "partner": null,
        "reason": "Order 7"
      },
      "userErrors": []
    }
    "#);
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
    let name_one = "input: Name either partnerId or customerId.";
    for (input, code, says) in [
        (give(json!({}), "1", "USD"), "REQUIRED", name_one),
        (give(both.clone(), "1", "USD"), "INVALID", name_one),
        (give(partner.clone(), "0", "USD"), "INVALID", "input.amount: This is not a valid value."),
        (
            give(partner.clone(), "1", "points"),
            "CURRENCY_MISMATCH",
            "input.amount.currency: points is neither the program's currency, nor in their balances, nor a unit that the \
             terms give.",
        ),
    ] {
        assert_eq!(refusal(&app, GIVE, input).await, (code.to_owned(), says.to_owned(), Value::Null));
    }
    let money = "input.amount.currency: Partners redeem units only: their money is paid out.";
    let available = json!({ "available": "0.00", "currency": "USD" });
    for (input, code, says, details) in [
        (redeem(both, "1", "USD"), "INVALID", name_one, Value::Null),
        (redeem(partner, "1", "USD"), "INVALID", money, Value::Null),
        (
            redeem(customer, "1", "USD"),
            "INSUFFICIENT_BALANCE",
            "input.amount: Only 0.00 USD is available.",
            available,
        ),
    ] {
        assert_eq!(refusal(&app, REDEEM, input).await, (code.to_owned(), says.to_owned(), details));
    }
    app.run_jobs().await;
}

/// Code, field with message, and details of the one error.
async fn refusal(app: &TestApp, query: &str, input: Value) -> (String, String, Value) {
    let answer = app.owner().gql(query, json!({ "input": input })).await;
    assert_eq!(answer.code(), "", "{answer:?}");
    let payload = answer.data.as_object().unwrap().values().next().unwrap();
    let error = &payload["userErrors"][0];
    let field: Vec<_> = error["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (text("code"), format!("{}: {}", field.join("."), text("message")), error["details"].clone())
}

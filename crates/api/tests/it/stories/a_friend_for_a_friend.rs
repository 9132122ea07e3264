//! Refer-a-friend with two sides: the friend gets credit and redeems it, the referrer gets points; then money goes back.

use serde_json::{Value, json};
use test_support::Answer;

use super::{Story, percent};

fn terms() -> Value {
    let first = json!({ "type": "COUNT", "n": 1 });
    let euros = |amount: &str| json!({ "type": "FIXED", "amount": amount });
    let points = json!({ "type": "UNITS", "unit": "points", "amount": "50" });
    let rules = json!([
        { "id": "welcome", "trigger": "SIGNUP", "beneficiary": "REFERRED", "value": euros("5") },
        { "id": "thanks", "trigger": "SALE", "value": points, "duration": first },
        { "id": "cashback", "trigger": "SALE", "beneficiary": "REFERRED", "value": percent("10"), "duration": first },
    ]);
    json!({ "holdDays": 14, "rules": rules })
}

async fn redeem(story: &Story, whose: Value, key: &str, amount: &str, currency: &str) -> Answer {
    let redeem = "mutation($input: RedemptionInput!) { redemptionCreate(input: $input) {
        redemption { availableAfter { amount } } userErrors { code } } }";
    let mut input =
        json!({ "key": key, "reason": "Order 7", "amount": { "amount": amount, "currency": currency } });
    input.as_object_mut().unwrap().extend(whose.as_object().unwrap().clone());
    story.ask(redeem, json!({ "input": input })).await
}

/// Ann refers Bob, who buys; Bob refers Cat, whom Ann names too, too late.
async fn friends(story: &Story) -> String {
    story.upsert(json!({ "key": "ann", "email": "ann@example.net" })).await;
    story.until("2026-03-10T10:00:00Z").await;
    story.upsert(json!({ "key": "bob", "email": "bob@example.net", "referringCustomerKey": "ann" })).await;
    story.until("2026-03-12T10:00:00Z").await;
    story.sale("bob", "bob-1", "80.00").await;
    story.until("2026-03-13T10:00:00Z").await;
    story.upsert(json!({ "key": "cat", "email": "cat@example.net", "referringCustomerKey": "bob" })).await;
    story.upsert(json!({ "key": "cat", "referringCustomerKey": "ann" })).await;
    story.sale("cat", "cat-1", "12.35").await;
    story.sale("bob", "bob-2", "80.00").await;
    story.sale("ann", "ann-1", "80.00").await;
    let referrer = "query($id: ID!) { customerByKey(programId: $id, key: \"ann\") { referrer { id } } }";
    let ann = story.done(referrer, json!({ "id": story.program })).await;
    ann["referrer"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn both_sides_are_rewarded_and_the_credit_is_redeemed() {
    let story = Story::begin(json!({ "kind": "REFERRAL" }), terms()).await;
    let ann = friends(&story).await;
    assert_eq!(
        story.rewards().await,
        [
            "bob welcome bob 5.00 5.00 HELD v1",
            "bob-1 thanks ann 50 points 50 HELD v1",
            "bob-1 cashback bob 8.00 8.00 HELD v1",
            "cat welcome cat 5.00 5.00 HELD v1",
            "cat-1 thanks bob 50 points 50 HELD v1",
            // 1.235, half to even.
            "cat-1 cashback cat 1.24 1.24 HELD v1",
        ]
    );
    assert_eq!(story.reasons().await, ["bob-2 NO_RULE_MATCHED", "ann-1 NO_ATTRIBUTION"]);
    assert_eq!(story.signups().await, ["ann NO_ATTRIBUTION", "bob welcome", "cat welcome"]);
    let (bob, balances) = story.customer_by_key("bob").await;
    assert_eq!(balances, ["EUR 13.00 0.00 0.00"]);
    let credit = json!({ "customerId": bob });
    assert_eq!(
        redeem(&story, credit.clone(), "early", "1", "EUR").await.user_error_codes(),
        ["INSUFFICIENT_BALANCE"]
    );

    story.until("2026-03-28T00:00:00Z").await;
    for _ in ["once", "and the same again"] {
        let redeemed = redeem(&story, credit.clone(), "7", "10", "EUR").await.ok();
        assert_eq!(redeemed["redemptionCreate"]["redemption"]["availableAfter"]["amount"], "3.00");
    }
    assert_eq!(
        redeem(&story, credit.clone(), "8", "3.01", "EUR").await.user_error_codes(),
        ["INSUFFICIENT_BALANCE"]
    );
    let points = redeem(&story, json!({ "partnerId": ann }), "mug", "50", "points").await.ok();
    assert_eq!(points["redemptionCreate"]["redemption"]["availableAfter"]["amount"], "0");

    // All of it goes back after it was spent: what is owed stays owed, the welcome stays given.
    story.refund("bob-1", "back", "80.00").await;
    assert_eq!(story.customer_by_key("bob").await.1, ["EUR 0.00 -5.00 10.00"]);
    assert_eq!(story.balances(&ann).await, ["points 0 -50 50"]);
    assert_eq!(redeem(&story, credit, "9", "0.01", "EUR").await.user_error_codes(), ["INSUFFICIENT_BALANCE"]);
    let net = |line: &&String| line.starts_with("bob");
    assert_eq!(
        story.rewards().await.iter().filter(net).collect::<Vec<_>>(),
        [
            "bob welcome bob 5.00 5.00 AVAILABLE v1",
            "bob-1 thanks ann 50 points 0 REVERSED v1",
            "bob-1 cashback bob 8.00 0.00 REVERSED v1",
        ]
    );
}

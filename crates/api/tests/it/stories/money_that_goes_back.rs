//! Refunds, a chargeback and a dispute that is won, on both sides of the hold's end, and a debt that later sales pay off.

use serde_json::{Value, json};

use super::{Story, percent};

fn terms() -> Value {
    json!({ "holdDays": 30, "rules": [{ "id": "sale", "trigger": "SALE", "value": percent("20") }] })
}

async fn chargeback(story: &Story, sale: &str, key: &str) {
    let charge = "mutation($input: WholeAdjustmentInput!) { transactionChargeback(input: $input) { userErrors { message } } }";
    let input = json!({ "programId": story.program, "transactionKey": sale, "key": key });
    story.done(charge, json!({ "input": input })).await;
}

async fn win(story: &Story, chargeback: &str) {
    let won = "mutation($input: ChargebackWonInput!) { transactionChargebackWon(input: $input) { userErrors { message } } }";
    let input = json!({ "programId": story.program, "chargebackKey": chargeback, "key": format!("{chargeback}-won") });
    story.done(won, json!({ "input": input })).await;
}

/// What was paid by other means is taken from what is available.
async fn correct(story: &Story, partner: &str, amount: &str) {
    let give = "mutation($input: RewardManualInput!) { rewardCreateManual(input: $input) { userErrors { message } } }";
    let amount = json!({ "amount": amount, "currency": "EUR" });
    let input = json!({ "partnerId": partner, "amount": amount, "reason": "Paid by bank transfer", "idempotencyKey": "april" });
    story.done(give, json!({ "input": input })).await;
}

/// The reversals of a sale's reward: `kind amount cause`, and whether it was released before.
async fn reversals(story: &Story, sale: &str) -> Vec<String> {
    let query = "{ rewards(first: 100) { nodes { transaction { key } reversals { kind amount { amount } cause afterRelease } } } }";
    let rewards = story.done(query, json!({})).await;
    let of_sale = rewards["nodes"].as_array().unwrap().iter().find(|node| node["transaction"]["key"] == sale);
    let said = |reversal: &Value| {
        let [kind, cause] = ["kind", "cause"].map(|field| reversal[field].as_str().unwrap());
        format!(
            "{kind} {} {cause} {}",
            reversal["amount"]["amount"].as_str().unwrap(),
            reversal["afterRelease"]
        )
    };
    of_sale.unwrap()["reversals"].as_array().unwrap().iter().map(said).collect()
}

/// March: three sales, two partial refunds of one, one of another, and a chargeback.
async fn march(story: &Story) {
    story.sale("ann", "one", "150.00").await;
    story.sale("ben", "two", "99.99").await;
    story.sale("ann", "three", "200.00").await;
    story.until("2026-03-10T10:00:00Z").await;
    story.refund("one", "one-1", "50.00").await;
    story.refund("two", "two-1", "33.33").await;
    story.until("2026-03-20T10:00:00Z").await;
    story.refund("two", "two-2", "33.33").await;
    story.until("2026-03-28T10:00:00Z").await;
    chargeback(story, "three", "three-c").await;
}

#[tokio::test]
async fn debt_is_carried_forward() {
    let story = Story::begin(json!({}), terms()).await;
    let pat = story.partner("pat", None).await;
    story.customer("ann", "pat").await;
    story.customer("ben", "pat").await;
    march(&story).await;
    assert_eq!(story.balances(&pat).await, ["EUR 26.67 0.00 0.00"]);
    story.until("2026-04-01T10:00:00Z").await;
    assert_eq!(
        story.balances(&pat).await,
        ["EUR 0.00 26.67 0.00"],
        "the hold ends, also of what is charged back"
    );
    story.until("2026-04-10T10:00:00Z").await;
    win(&story, "three-c").await;
    assert_eq!(
        story.balances(&pat).await,
        ["EUR 0.00 66.67 0.00"],
        "what comes back after the hold is available"
    );
    correct(&story, &pat, "-60.00").await;
    story.until("2026-04-20T10:00:00Z").await;
    chargeback(&story, "one", "one-c").await;
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 -13.33 0.00"]);
    story.until("2026-05-01T10:00:00Z").await;
    story.sale("ben", "four", "100.00").await;
    assert_eq!(story.balances(&pat).await, ["EUR 20.00 -13.33 0.00"]);
    story.until("2026-06-01T10:00:00Z").await;
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 6.67 0.00"], "the next sale pays the debt off");
    // A dispute is won long after: what the partial refund left of the reward comes back, not all of it.
    win(&story, "one-c").await;
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 26.67 0.00"]);
    assert_eq!(
        reversals(&story, "one").await,
        [
            "REVERSAL 10.00 REFUND false",
            "REVERSAL 20.00 CHARGEBACK true",
            "RESTORATION 20.00 CHARGEBACK_WON true"
        ]
    );
    assert_eq!(reversals(&story, "two").await, ["REVERSAL 6.67 REFUND false", "REVERSAL 6.66 REFUND false"]);
    assert_eq!(
        story.rewards().await,
        [
            "one sale pat 30.00 20.00 AVAILABLE v1",
            "two sale pat 20.00 6.67 AVAILABLE v1",
            "three sale pat 40.00 40.00 AVAILABLE v1",
            "four sale pat 20.00 20.00 AVAILABLE v1",
        ]
    );
}

#[tokio::test]
async fn a_refund_goes_no_further_than_its_sale() {
    let story = Story::begin(json!({}), terms()).await;
    let pat = story.partner("pat", None).await;
    story.customer("ann", "pat").await;
    // It comes before its sale, which then begins with what is left.
    let refund =
        "mutation($input: RefundInput!) { transactionRefund(input: $input) { userErrors { code } } }";
    let said = |key: &str, amount: &str| {
        json!({ "input": { "programId": story.program, "transactionKey": "one", "key": key,
        "amount": amount, "currency": "EUR" } })
    };
    story.done(refund, said("first", "40.00")).await;
    story.until("2026-03-05T10:00:00Z").await;
    story.sale("ann", "one", "100.00").await;
    assert_eq!(story.rewards().await, ["one sale pat 20.00 12.00 HELD v1"]);
    assert_eq!(story.ask(refund, said("more", "60.01")).await.user_error_codes(), ["REFUND_EXCEEDS_SALE"]);
    story.until("2026-04-10T10:00:00Z").await;
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 12.00 0.00"]);
    story.done(refund, said("rest", "60.00")).await;
    assert_eq!(story.rewards().await, ["one sale pat 20.00 0.00 REVERSED v1"]);
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 0.00 0.00"]);
}

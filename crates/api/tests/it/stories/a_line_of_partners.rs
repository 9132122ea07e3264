//! Amy was brought by Bea, she by Cid, he by Dan. One in the middle is suspended: nobody moves up. Later somebody does.

use serde_json::{Value, json};

use super::{Story, percent};

fn terms() -> Value {
    let above = |id: &str, level: u8, value: &str, of: &str| json!({ "id": id, "trigger": "SALE", "beneficiary": "UPLINE", "level": level, "value": percent(value), "of": of });
    let rules = json!([
        { "id": "sale", "trigger": "SALE", "value": percent("20") },
        above("one", 1, "10", "REWARD"),
        above("two", 2, "5", "BASE"),
        above("three", 3, "2", "REWARD"),
    ]);
    json!({ "holdDays": 30, "rules": rules })
}

async fn suspend(story: &Story, partner: &str) {
    let suspend = "mutation($id: ID!) { partnerSuspend(id: $id, reason: \"A look at the books\") { userErrors { message } } }";
    story.done(suspend, json!({ "id": partner })).await;
}

async fn reinstate(story: &Story, partner: &str) {
    let reinstate = "mutation($id: ID!) { partnerReinstate(id: $id) { userErrors { message } } }";
    story.done(reinstate, json!({ "id": partner })).await;
}

/// A sale that is recorded while Cid is suspended, and computed after he is not: his status at the recording counts.
async fn sale_before_the_reinstatement(story: &Story, cid: &str) {
    let record = "mutation($id: ID!) { transactionRecord(programId: $id, input: { key: \"hasty\", customerKey: \"ann\",
        amount: { amount: \"10.00\", currency: \"EUR\" } }) { userErrors { message } } }";
    story.app.owner().gql(record, json!({ "id": story.program })).await.ok();
    reinstate(story, cid).await;
}

#[tokio::test]
async fn a_suspended_partner_in_the_middle_leaves_a_gap() {
    let story = Story::begin(json!({}), terms()).await;
    let dan = story.partner("dan", None).await;
    let cid = story.partner("cid", Some(&dan)).await;
    let bea = story.partner("bea", Some(&cid)).await;
    let amy = story.partner("amy", Some(&bea)).await;
    story.customer("ann", "amy").await;
    story.until("2026-03-05T10:00:00Z").await;
    story.sale("ann", "first", "99.99").await;
    story.until("2026-03-20T10:00:00Z").await;
    suspend(&story, &cid).await;
    story.sale("ann", "gap", "100.00").await;
    sale_before_the_reinstatement(&story, &cid).await;
    story.until("2026-04-01T10:00:00Z").await;
    story.refund("first", "half", "50.00").await;
    let bea_moves = "mutation($id: ID!, $upline: ID!) { partnerUpdate(id: $id, input: { uplineId: $upline }) { userErrors { message } } }";
    story.done(bea_moves, json!({ "id": bea, "upline": dan })).await;
    story.until("2026-04-10T10:00:00Z").await;
    story.sale("ann", "short", "40.00").await;
    assert_eq!(
        story.rewards().await,
        [
            // 99.99: 19.998, a tenth of 20.00, 4.9995, 2 % of 20.00. Of 49.99 is left what 49.99 / 99.99 leaves.
            "first sale amy 20.00 10.00 AVAILABLE v1",
            "first two cid 5.00 2.50 AVAILABLE v1",
            "first one bea 2.00 1.00 AVAILABLE v1",
            "first three dan 0.40 0.20 AVAILABLE v1",
            "gap sale amy 20.00 20.00 HELD v1",
            "gap one bea 2.00 2.00 HELD v1",
            "gap three dan 0.40 0.40 HELD v1",
            "hasty sale amy 2.00 2.00 HELD v1",
            "hasty one bea 0.20 0.20 HELD v1",
            "hasty three dan 0.04 0.04 HELD v1",
            "short sale amy 8.00 8.00 HELD v1",
            "short two dan 2.00 2.00 HELD v1",
            "short one bea 0.80 0.80 HELD v1",
        ]
    );
    assert_eq!(
        story.why("gap").await[1][2],
        "Rule one, 10 % of the net of the partner's own rewards: 20.00 EUR of rewards, exactly 2 EUR, rounded to 2.00 EUR."
    );
    story.until("2026-05-20T00:00:00Z").await;
    for (partner, balance) in [
        (amy, "EUR 0.00 40.00 0.00"),
        (bea, "EUR 0.00 4.00 0.00"),
        (cid, "EUR 0.00 2.50 0.00"),
        (dan, "EUR 0.00 2.64 0.00"),
    ] {
        assert_eq!(story.balances(&partner).await, [balance]);
    }
}

#[tokio::test]
async fn a_suspended_seller_earns_nobody_anything() {
    let story = Story::begin(json!({}), terms()).await;
    let bea = story.partner("bea", None).await;
    let amy = story.partner("amy", Some(&bea)).await;
    story.customer("ann", "amy").await;
    suspend(&story, &amy).await;
    story.sale("ann", "mute", "100.00").await;
    assert_eq!(story.rewards().await, Vec::<String>::new());
    assert_eq!(story.reasons().await, ["mute PARTNER_NOT_APPROVED"]);
    assert_eq!(story.balances(&bea).await, Vec::<String>::new());
}

//! The owner changes a rule in the middle of subscriptions: who came before keeps what was promised, or moves.

use serde_json::{Value, json};

use super::{Story, euros, percent};

fn early() -> Value {
    let duration = json!({ "type": "MONTHS", "n": 3 });
    let rule = json!({ "id": "sale", "trigger": "SALE", "value": percent("30"), "duration": duration });
    json!({ "holdDays": 14, "rules": [rule] })
}

fn late() -> Value {
    json!({ "holdDays": 30, "rules": [{ "id": "sale", "trigger": "SALE", "value": percent("10") }] })
}

/// Ann subscribes on 5 March and Ben on 20 May; the promise changes on 10 May. A payment of April is heard of in June.
async fn spring(story: &Story) -> String {
    let pat = story.partner("pat", None).await;
    story.until("2026-03-05T10:00:00Z").await;
    story.customer("ann", "pat").await;
    story.sale("ann", "march", "30.00").await;
    story.until("2026-04-05T10:00:00Z").await;
    story.sale("ann", "april", "30.00").await;
    story.until("2026-05-05T10:00:00Z").await;
    story.sale("ann", "may", "30.00").await;
    story.until("2026-05-10T10:00:00Z").await;
    story.publish(late()).await;
    story.until("2026-05-20T10:00:00Z").await;
    story.customer("ben", "pat").await;
    story.sale("ben", "ben-may", "30.00").await;
    story.until("2026-06-05T09:59:59Z").await;
    story.sale("ann", "last", "30.00").await;
    story.until("2026-06-05T10:00:00Z").await;
    story.sale("ann", "june", "30.00").await;
    let heard_late = json!({ "key": "heard", "customerKey": "ann", "amount": euros("30.00"), "occurredAt": "2026-04-20T10:00:00Z" });
    story.sale_as(heard_late).await;
    pat
}

#[tokio::test]
async fn who_came_before_keeps_the_promise() {
    let story = Story::begin(json!({ "grandfathering": "KEEP" }), early()).await;
    let pat = spring(&story).await;
    assert_eq!(
        story.rewards().await,
        [
            "march sale pat 9.00 9.00 AVAILABLE v1",
            "april sale pat 9.00 9.00 AVAILABLE v1",
            "may sale pat 9.00 9.00 AVAILABLE v1",
            "ben-may sale pat 3.00 3.00 HELD v2",
            "last sale pat 9.00 9.00 HELD v1",
            "heard sale pat 9.00 9.00 HELD v1",
        ]
    );
    assert_eq!(story.reasons().await, ["june NO_RULE_MATCHED"]);
    assert_eq!(
        story.why("june").await[0],
        [
            "Sale on 2026-06-05 10:00:00 UTC of 30.00 EUR net (30.00 EUR gross), number 5 of a customer who was attributed on \
             2026-03-05 10:00:00 UTC.",
            "Terms version 1: amounts are rounded HALF_EVEN, rewards are held for 14 days.",
            "Rule sale, 30 % of the net of the sale: does not apply, its duration ended on 2026-06-05 10:00:00 UTC.",
            "No reward. No rule of the terms applied.",
        ]
    );
    story.until("2026-07-20T00:00:00Z").await;
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 48.00 0.00"]);
}

#[tokio::test]
async fn who_came_before_moves_to_the_new_promise() {
    let story = Story::begin(json!({ "grandfathering": "FOLLOW" }), early()).await;
    let pat = spring(&story).await;
    assert_eq!(
        story.rewards().await,
        [
            "march sale pat 9.00 9.00 AVAILABLE v1",
            "april sale pat 9.00 9.00 AVAILABLE v1",
            "may sale pat 9.00 9.00 AVAILABLE v1",
            "ben-may sale pat 3.00 3.00 HELD v2",
            "last sale pat 3.00 3.00 HELD v2",
            "june sale pat 3.00 3.00 HELD v2",
            "heard sale pat 9.00 9.00 HELD v1",
        ]
    );
    assert_eq!(story.reasons().await, Vec::<String>::new());
    // A promise cannot be changed for what was evaluated (T2).
    let put = "mutation($id: ID!, $input: TermsInput!) { termsDraftPut(programId: $id, input: $input) { terms { id } } }";
    let draft = story.done(put, json!({ "id": story.program, "input": early() })).await;
    let publish = "mutation($id: ID!) { termsPublish(id: $id, effectiveFrom: \"2026-06-05T10:00:00Z\") {
        terms { id } userErrors { field code } } }";
    let refused = story.ask(publish, json!({ "id": draft["terms"]["id"] })).await;
    assert_eq!(refused.user_error_codes(), ["INVALID"]);
    let difference = "query($id: ID!) { program(id: $id) { terms { rules { sentence } } } }";
    let current = story.done(difference, json!({ "id": story.program })).await;
    let sentence = "The partner gets 10 % of the net of each sale.";
    assert_eq!(current["terms"]["rules"], json!([{ "sentence": sentence }]));
    story.until("2026-07-20T00:00:00Z").await;
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 45.00 0.00"]);
}

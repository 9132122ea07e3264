//! Tiers of a month are crossed in its middle, fall back with refunds, and begin anew at local midnight.

use serde_json::{Value, json};

use super::{Story, euros, percent};

fn terms() -> Value {
    let step = |from: &str, value: &str| json!({ "from": from, "value": percent(value) });
    let tiers =
        json!({ "metric": "REVENUE", "period": "MONTH", "steps": [step("1000", "15"), step("2500", "20")] });
    let rule = json!({ "id": "sale", "trigger": "SALE", "value": percent("10"), "tiers": tiers });
    json!({ "holdDays": 30, "rules": [rule] })
}

/// March: two sales below the tier, one that is the first in it, and refunds that take the partner out of it again.
async fn march(story: &Story) {
    story.until("2026-03-03T10:00:00Z").await;
    story.sale("ann", "a", "600.00").await;
    story.until("2026-03-10T10:00:00Z").await;
    story.sale("ben", "b", "400.00").await;
    story.until("2026-03-16T10:00:00Z").await;
    story.sale("ann", "c", "333.33").await;
    story.until("2026-03-20T10:00:00Z").await;
    story.refund("a", "a-1", "200.00").await;
    story.until("2026-03-25T10:00:00Z").await;
    story.sale("ben", "d", "100.01").await;
    story.until("2026-03-28T10:00:00Z").await;
    story.refund("d", "d-1", "100.01").await;
    story.refund("b", "b-1", "150.00").await;
    story.until("2026-03-29T10:00:00Z").await;
    story.sale("ann", "e", "50.00").await;
}

#[tokio::test]
async fn a_month_begins_anew_at_local_midnight() {
    let story = Story::begin(json!({ "timeZone": "Europe/Vilnius" }), terms()).await;
    let pat = story.partner("pat", None).await;
    story.customer("ann", "pat").await;
    story.customer("ben", "pat").await;
    march(&story).await;
    // In Vilnius it is one minute to midnight, and then midnight.
    story.until("2026-03-31T20:59:00Z").await;
    story.sale("ben", "f", "2000.00").await;
    story.until("2026-03-31T21:00:00Z").await;
    story.sale("ben", "g", "1000.00").await;
    story.until("2026-04-02T10:00:00Z").await;
    story.sale("ann", "h", "10.00").await;
    // What is heard of late counts in its own month.
    let late = json!({ "key": "i", "customerKey": "ann", "amount": euros("100.00"), "occurredAt": "2026-03-30T12:00:00Z" });
    story.sale_as(late).await;
    assert_eq!(
        story.rewards().await,
        [
            "a sale pat 60.00 40.00 AVAILABLE v1",
            "b sale pat 40.00 25.00 HELD v1",
            "c sale pat 50.00 50.00 HELD v1",
            "d sale pat 15.00 0.00 REVERSED v1",
            "e sale pat 5.00 5.00 HELD v1",
            "f sale pat 300.00 300.00 HELD v1",
            "g sale pat 100.00 100.00 HELD v1",
            "h sale pat 1.50 1.50 HELD v1",
            "i sale pat 20.00 20.00 HELD v1",
        ]
    );
    assert_eq!(story.reasons().await, Vec::<String>::new());
    let arithmetic = async |sale: &str| story.why(sale).await[0][2].clone();
    assert_eq!(
        arithmetic("c").await,
        "Rule sale, 15 % of the net of the sale: tier from 1000, as there were 1000 EUR of revenue that month, \
         1 line of net 333.33 EUR, exactly 49.9995 EUR, rounded to 50.00 EUR."
    );
    assert_eq!(
        arithmetic("e").await,
        "Rule sale, 10 % of the net of the sale: below all tiers, as there were 983.33 EUR of revenue that month, \
         1 line of net 50.00 EUR, exactly 5 EUR, rounded to 5.00 EUR."
    );
    assert_eq!(
        arithmetic("i").await,
        "Rule sale, 20 % of the net of the sale: tier from 2500, as there were 3033.33 EUR of revenue that month, \
         1 line of net 100.00 EUR, exactly 20 EUR, rounded to 20.00 EUR."
    );
    story.until("2026-05-05T00:00:00Z").await;
    assert_eq!(story.balances(&pat).await, ["EUR 0.00 541.50 0.00"]);
}

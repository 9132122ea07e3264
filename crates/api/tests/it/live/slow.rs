use std::time::Duration;

use domain::team::Permission as P;
use serde_json::json;
use test_support::TestApp;

use super::{EVENTS, followed_by, happen, subjects};

/// An event that fills a small box, and soon the buffers of a socket.
const HEAVY: &str = "subscription { events { a: node { ...N } b: node { ...N } c: node { ...N } } }
    fragment N on Event { id payload p2: payload p3: payload p4: payload p5: payload topic subjectId }";

#[tokio::test]
async fn a_slow_client_is_dropped_and_holds_up_nobody() {
    let app = TestApp::builder()
        .http(|http| {
            http.live.patience = Duration::from_millis(300);
            http.live.backlog_bytes = 16 * 1024;
        })
        .start()
        .await;
    app.leave_jobs();
    let (slow, quick) = (app.api_key(&[P::AuditRead], &[]).await, app.api_key(&[P::AuditRead], &[]).await);
    let mut stuck = slow.try_open(&[], Some(4 * 1024)).await.unwrap();
    stuck.send(&json!({ "type": "connection_init", "payload": slow.introduction() })).await;
    stuck.hear().await;
    for number in 0..10 {
        stuck.subscribe(&number.to_string(), HEAVY, json!({})).await;
    }
    let mut going = quick.socket().await;
    going.subscribe("1", EVENTS, json!({})).await;
    followed_by(&app, 11).await;

    // It reads nothing from here on, until it is dropped; the other one reads all the while.
    let mut happened = 0;
    while app.live.hub.figures().followers > 1 {
        let names: Vec<String> = (happened..happened + 100).map(|number| format!("s{number}")).collect();
        happen(&app, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(subjects(&mut going, "1", 100).await, names);
        happened += 100;
        assert!(happened < 20_000, "it was never dropped");
    }
    // What was under way still arrives, and then the reason.
    assert!(matches!(stuck.closed().await, 4290 | 1006));
    let text = app.metrics();
    assert!(text.contains("refero_live_closed_total{code=\"4290\"} 1"), "{text}");
    happen(&app, &["last"]).await;
    assert_eq!(subjects(&mut going, "1", 1).await, ["last"]);
}

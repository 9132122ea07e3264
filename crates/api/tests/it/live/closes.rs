//! Every code that a socket is closed with.

use std::time::Duration;

use domain::team::Permission as P;
use serde_json::json;
use test_support::{Heard, TestApp};

use super::{EVENTS, followed_by};

#[tokio::test]
async fn a_client_that_breaks_the_protocol_is_told_how() {
    let app = TestApp::start().await;
    let key = app.api_key(&[P::AuditRead], &[]).await;
    let init = json!({ "type": "connection_init", "payload": key.introduction() });

    let mut socket = key.try_open(&[("sec-websocket-protocol", "")], None).await.unwrap();
    assert_eq!(socket.closed().await, 4406, "no subprotocol");

    let mut socket = key.try_open(&[], None).await.unwrap();
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.closed().await, 4401, "before the acknowledgement");

    let mut socket = key.try_open(&[], None).await.unwrap();
    socket.send(&init).await;
    socket.send(&init).await;
    assert_eq!(socket.closed().await, 4429, "twice");

    for wrong in
        ["", "nonsense", "[]", r#"{"type":"start"}"#, r#"{"type":"subscribe","payload":{"query":"{a}"}}"#]
    {
        let mut socket = key.socket().await;
        socket.send_text(wrong).await;
        assert_eq!(socket.closed().await, 4400, "{wrong}");
    }
    let mut socket = key.socket().await;
    socket.send_bytes(b"{}").await;
    assert_eq!(socket.closed().await, 4400, "bytes");

    let mut socket = key.socket().await;
    socket.subscribe("1", EVENTS, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.closed().await, 4409, "an id twice");
    followed_by(&app, 0).await;

    let mut socket = key.socket().await;
    let large = format!("{{ a(b: \"{}\") }}", "x".repeat(300_000));
    socket.subscribe("1", &large, json!({})).await;
    assert!(matches!(socket.closed().await, 1009 | 1006), "too large");

    let mut socket = key.try_open(&[], None).await.unwrap();
    socket.send(&json!({ "type": "ping", "payload": { "a": "x".repeat(5_000) } })).await;
    assert_eq!(socket.closed().await, 1009, "too large for who has not said who they are");
}

#[tokio::test]
async fn whoever_is_not_known_is_not_let_in() {
    let app = TestApp::start().await;
    let (owner, nobody) = (app.owner(), app.nobody());
    for (actor, headers, payload) in [
        (&nobody, &[][..], json!({})),
        (&nobody, &[], json!({ "authorization": "Bearer rfo_live_nonsense" })),
        (&nobody, &[], json!({ "authorization": "Basic x" })),
        // A cookie, and nothing that says which page sent it.
        (&owner, &[("x-refero-csrf", "")], json!({})),
        (&nobody, &[("cookie", "refero_session=nonsense"), ("x-refero-csrf", "1")], json!({})),
    ] {
        let mut socket = actor.try_open(headers, None).await.unwrap();
        socket.send(&json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.closed().await, 4403, "{headers:?} {payload}");
    }
    assert!(owner.try_open(&[("origin", "https://evil.example.com")], None).await.is_err());
    let mut socket = owner.try_open(&[("origin", "http://localhost"), ("x-refero-csrf", "")], None).await;
    let socket = socket.as_mut().unwrap();
    socket.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hear().await, Heard::Message(json!({ "type": "connection_ack" })), "our own page");
}

#[tokio::test]
async fn silence_is_not_waited_for() {
    let app =
        TestApp::builder().http(|http| http.live.init_deadline = Duration::from_millis(50)).start().await;
    let mut socket = app.owner().try_open(&[], None).await.unwrap();
    assert_eq!(socket.closed().await, 4408, "it never said who it is");

    let app = TestApp::builder().http(|http| http.live.ping_every = Duration::from_millis(100)).start().await;
    // A client that reads answers our pings by itself, and may stay: this message comes later than two of them.
    let mut alive = app.owner().socket().await;
    let mut dead = app.owner().socket().await;
    let waited = tokio::time::timeout(Duration::from_millis(500), alive.hear()).await;
    assert!(waited.is_err(), "{waited:?}");
    alive.send(&json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(alive.hear().await, Heard::Message(json!({ "type": "pong", "payload": { "a": 1 } })));
    alive.send(&json!({ "type": "pong" })).await;
    // Meanwhile this one has answered none.
    assert!(matches!(dead.closed().await, 4408 | 1006));
}

#[tokio::test]
async fn when_the_process_ends_sockets_are_sent_on() {
    let app = TestApp::start().await;
    let mut idle = app.owner().socket().await;
    let mut busy = app.owner().socket().await;
    busy.subscribe("1", EVENTS, json!({})).await;
    followed_by(&app, 1).await;
    app.stop_serving();
    assert_eq!((idle.closed().await, busy.closed().await), (1001, 1001));
}

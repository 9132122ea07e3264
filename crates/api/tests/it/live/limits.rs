use domain::team::Permission as P;
use serde_json::json;
use test_support::{Heard, Socket, TestApp};

use super::{EVENTS, followed_by, refused};

#[tokio::test]
async fn so_many_operations_may_be_under_way_on_one_socket() {
    let app = TestApp::start().await;
    let mut socket = app.owner().socket().await;
    for number in 0..50 {
        socket.subscribe(&number.to_string(), EVENTS, json!({})).await;
    }
    socket.subscribe("more", EVENTS, json!({})).await;
    assert_eq!(refused(&socket.hear().await, "more"), ["OPERATION_LIMIT_EXCEEDED"]);
    socket.send(&json!({ "type": "complete", "id": "7" })).await;
    followed_by(&app, 49).await;
    socket.subscribe("more", EVENTS, json!({})).await;
    followed_by(&app, 50).await;
}

#[tokio::test]
async fn a_flood_of_sockets_meets_a_bound() {
    let app = TestApp::builder()
        .http(|http| {
            http.live.connections = 5;
            http.live.per_viewer = 2;
            http.live.account_percent = 100;
        })
        .start()
        .await;
    let (first, second) = (app.api_key(&[P::AuditRead], &[]).await, app.api_key(&[P::AuditRead], &[]).await);
    let [_a, _b] = [first.socket().await, first.socket().await];
    let mut third = first.try_open(&[], None).await.unwrap();
    third.send(&json!({ "type": "connection_init", "payload": first.introduction() })).await;
    assert_eq!(third.closed().await, 1013, "one viewer has their share");

    // Those who say nothing share the places of their address.
    let mut silent: Vec<Socket> = Vec::new();
    let refused_at = loop {
        match second.try_open(&[], None).await {
            Ok(socket) => silent.push(socket),
            Err(_) => break silent.len(),
        }
    };
    assert_eq!(refused_at, 2);
    drop(silent);
    let mut socket = loop {
        if let Ok(socket) = second.try_open(&[], None).await {
            break socket;
        }
    };
    socket.send(&json!({ "type": "connection_init", "payload": second.introduction() })).await;
    assert_eq!(socket.hear().await, Heard::Message(json!({ "type": "connection_ack" })));
}

#[tokio::test]
async fn a_process_takes_so_many_subscriptions() {
    let app = TestApp::builder()
        .http(|http| {
            http.live.subscriptions = 2;
            http.live.account_percent = 100;
        })
        .start()
        .await;
    let mut sockets = [app.owner().socket().await, app.owner().socket().await];
    for socket in &mut sockets {
        socket.subscribe("1", EVENTS, json!({})).await;
    }
    followed_by(&app, 2).await;
    let [first, second] = &mut sockets;
    first.subscribe("2", EVENTS, json!({})).await;
    assert_eq!(refused(&first.hear().await, "2"), ["OVERLOADED"]);
    second.send(&json!({ "type": "complete", "id": "1" })).await;
    followed_by(&app, 1).await;
    first.subscribe("2", EVENTS, json!({})).await;
    followed_by(&app, 2).await;
}

#[tokio::test]
async fn one_account_leaves_places_to_others() {
    let app = TestApp::builder()
        .http(|http| {
            http.live.connections = 4;
            http.live.subscriptions = 4;
        })
        .start()
        .await;
    let (key, outsider) = (app.api_key(&[P::AuditRead], &[]).await, app.outsider().await);
    let [mut mine, mut of_key] = [app.owner().socket().await, key.socket().await];
    let mut third = key.try_open(&[], None).await.unwrap();
    third.send(&json!({ "type": "connection_init", "payload": key.introduction() })).await;
    assert_eq!(third.closed().await, 1013, "the account has its half");
    let mut theirs = outsider.socket().await;

    mine.subscribe("1", EVENTS, json!({})).await;
    of_key.subscribe("1", EVENTS, json!({})).await;
    followed_by(&app, 2).await;
    of_key.subscribe("2", EVENTS, json!({})).await;
    assert_eq!(refused(&of_key.hear().await, "2"), ["RATE_LIMITED"]);
    theirs.subscribe("1", EVENTS, json!({})).await;
    followed_by(&app, 3).await;
}

#[tokio::test]
async fn a_subscription_keeps_so_many_bytes_and_not_what_it_cannot_use() {
    let app = TestApp::start().await;
    let mut socket = app.owner().socket().await;
    socket.subscribe("1", EVENTS, json!({ "programIds": vec!["prg_0"; 1_000] })).await;
    assert_eq!(refused(&socket.hear().await, "1"), ["QUERY_TOO_LARGE"]);
    socket.subscribe("1", EVENTS, json!({ "nothing": vec![0; 10_000] })).await;
    followed_by(&app, 1).await;
}

use domain::team::Permission as P;
use serde_json::json;
use test_support::{Heard, TestApp};

use super::{EVENTS, refused};

#[tokio::test]
async fn queries_and_mutations_are_answered_and_complete() {
    let app = TestApp::start().await;
    let mut socket = app.owner().socket().await;
    socket.subscribe("q", "{ viewer { permissions } }", json!({})).await;
    let answer = socket.next("q").await;
    assert_eq!(answer["data"]["viewer"]["permissions"][0], "TEAM_READ");
    assert_eq!(answer["extensions"]["cost"]["operation"], 2);
    assert_eq!(socket.hear().await, Heard::Message(json!({ "type": "complete", "id": "q" })));

    let create =
        "mutation { programCreate(input: { name: \"Coffee\", currency: \"EUR\" }) { program { name } } }";
    socket.subscribe("m", create, json!({})).await;
    assert_eq!(socket.next("m").await["data"]["programCreate"]["program"]["name"], "Coffee");
    assert_eq!(socket.hear().await, Heard::Message(json!({ "type": "complete", "id": "m" })));
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_is_said_of_it_alone() {
    let app = TestApp::start().await;
    let key = app.api_key(&[P::ProgramsRead], &[]).await;
    let mut socket = key.socket().await;
    for (query, variables, code) in [
        ("subscription { nothing }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("subscription { a: queues { name } b: queues { name } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("", json!({}), "BAD_REQUEST"),
        (EVENTS, json!({}), "FORBIDDEN"),
        ("subscription { queues { name } }", json!({}), "FORBIDDEN"),
        ("mutation { sessionDelete { userErrors { message } } }", json!({}), "BAD_REQUEST"),
        ("mutation { profileUpdate(input: {}) { userErrors { message } } }", json!({}), "BAD_REQUEST"),
        (
            "mutation { sessionCreate(input: { email: \"a@b.example\", password: \"x\" }) { userErrors { message } } }",
            json!({}),
            "BAD_REQUEST",
        ),
    ] {
        socket.subscribe("1", query, variables).await;
        match socket.hear().await {
            // A field that fails is an answer, not a mistake of the request.
            Heard::Message(message) if message["type"] == "next" => {
                assert_eq!(super::codes(&message["payload"]["errors"]), [code], "{query}");
                socket.hear().await;
            }
            heard => assert_eq!(refused(&heard, "1"), [code], "{query}"),
        }
    }
    socket.subscribe("1", "{ viewer { permissions } }", json!({})).await;
    assert_eq!(socket.next("1").await["data"]["viewer"]["permissions"], json!(["PROGRAMS_READ"]));

    let mut reader = app.api_key(&[P::AuditRead], &[]).await.socket().await;
    reader.subscribe("1", EVENTS, json!({ "after": "%%" })).await;
    assert_eq!(refused(&reader.hear().await, "1"), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn operations_over_a_socket_pay_like_others() {
    let app = TestApp::builder()
        .http(|http| {
            http.per_credential.capacity = 60;
            http.per_credential.per_second = 0.001;
        })
        .start()
        .await;
    let mut socket = app.owner().socket().await;
    socket.subscribe("1", "subscription { events { cursor node { id topic at } } }", json!({})).await;
    super::followed_by(&app, 1).await;
    socket.subscribe("2", "{ programs(first: 20) { nodes { id } } }", json!({})).await;
    assert_eq!(socket.next("2").await["data"]["programs"]["nodes"], json!([]));
    socket.hear().await;
    socket.subscribe("3", "{ programs(first: 20) { nodes { id } } }", json!({})).await;
    assert_eq!(refused(&socket.hear().await, "3"), ["RATE_LIMITED"]);
    // And not by looking up who asks.
    let (heard, statements) = app
        .count_statements(async {
            socket.subscribe("4", "{ programs(first: 20) { nodes { id } } }", json!({})).await;
            socket.hear().await
        })
        .await;
    assert_eq!(refused(&heard, "4"), ["RATE_LIMITED"]);
    let looks = statements.iter().filter(|statement| statement.contains("\"sessions\"")).count();
    assert_eq!(looks, 0, "{}", statements.join("\n"));
}

#[tokio::test]
async fn documents_that_are_no_good_are_paid_for_by_their_address() {
    let app = TestApp::builder()
        .http(|http| {
            http.per_address.capacity = 3;
            http.per_address.per_second = 0.001;
        })
        .start()
        .await;
    let mut socket = app.owner().socket().await;
    for _ in 0..5 {
        socket.subscribe("good", "{ viewer { permissions } }", json!({})).await;
        socket.next("good").await;
        socket.hear().await;
    }
    for (query, code) in [("{", "GRAPHQL_PARSE_FAILED"), ("", "BAD_REQUEST"), ("{", "GRAPHQL_PARSE_FAILED")] {
        // What is no operation is not paid for.
        socket.send(&json!({ "type": "ping" })).await;
        assert_eq!(socket.hear().await, Heard::Message(json!({ "type": "pong" })));
        socket.subscribe("bad", query, json!({})).await;
        assert_eq!(refused(&socket.hear().await, "bad"), [code]);
    }
    socket.subscribe("unread", "{ viewer { permissions } }", json!({})).await;
    assert_eq!(socket.closed().await, 1013, "the address has nothing left to have a message read with");
}

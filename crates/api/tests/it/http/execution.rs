use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use super::server::Server;

#[tokio::test]
async fn a_client_learns_a_code_a_sentence_and_a_request_id() {
    let server = Server::start().await;
    let answer = server.query("{leaks}").header("x-request-id", "my-request-1").send().await;
    assert_eq!(answer.header("x-request-id"), Some("my-request-1"));
    assert_eq!(
        answer.json()["errors"],
        json!([{
            "message": "Something went wrong on our side.",
            "locations": [{"line": 1, "column": 2}],
            "path": ["leaks"],
            "extensions": {"code": "INTERNAL", "requestId": "my-request-1"},
        }])
    );
    let answer = server.query("{forbidden}").header("x-request-id", "no spaces, please").send().await;
    assert_eq!(answer.header("x-request-id"), Some("req_00000000000000000000000001"));
    let error = &answer.json()["errors"][0];
    assert_eq!((&error["message"], answer.code().as_str()), (&json!("Not yours."), "FORBIDDEN"));
    assert_eq!((answer.status, &answer.json()["data"]), (200, &json!(null)), "the operation did run");
}

#[tokio::test]
async fn input_that_a_scalar_refuses_is_the_clients_mistake() {
    let server = Server::start().await;
    let query = "query($v: [Int!]!){required(values: $v)}";
    for (variables, code) in [
        (json!({"v": ["x"]}), "GRAPHQL_VALIDATION_FAILED"),
        (json!({"v": [10_000_000_000_i64]}), "BAD_USER_INPUT"),
        (json!({"v": null}), "BAD_USER_INPUT"),
        (json!({}), "BAD_USER_INPUT"),
    ] {
        let answer = server.post(json!({"query": query, "variables": variables}).to_string()).send().await;
        assert_eq!(answer.code(), code, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_panic_is_answered_and_the_process_lives() {
    let server = Server::start().await;
    let answer = server.query("{panics}").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "INTERNAL"));
    assert!(!answer.text.contains("index out of bounds"));
    assert_eq!(server.query("{hello}").send().await.status, 200);
}

#[tokio::test]
async fn the_deadline_answers_while_the_operation_runs_on_and_knows() {
    let server = Server::configured(|config| config.deadline = Duration::from_millis(100)).await;
    let answer = server.query("mutation{slow(millis: 400)}").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (504, "DEADLINE"));
    assert_eq!(server.finished.0.load(Ordering::SeqCst), 0);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(server.finished.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_operation_outlives_its_client() {
    let server = Server::start().await;
    let call = server.query("mutation{slow(millis: 300)}");
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(call.head().as_bytes()).await.unwrap();
    stream.write_all(json!({"query": "mutation{slow(millis: 300)}"}).to_string().as_bytes()).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    drop(stream);
    server.shutdown.cancel();
    server.task.await.unwrap();
    server.app.finished().await;
    assert_eq!(server.finished.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn shutting_down_answers_what_is_under_way_and_takes_nothing_new() {
    let server = Server::start().await;
    let waiting = tokio::spawn(server.query("mutation{slow(millis: 300)}").send());
    sleep(Duration::from_millis(100)).await;
    server.shutdown.cancel();
    let started = Instant::now();
    server.task.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(waiting.await.unwrap().json()["data"]["slow"], json!(false));
    assert!(TcpStream::connect(server.addr).await.is_err());
}

#[tokio::test]
async fn more_than_the_bound_at_once_is_told_to_come_back() {
    let server = Server::configured(|config| config.max_in_flight = 1).await;
    let first = tokio::spawn(server.query("mutation{slow(millis: 300)}").send());
    sleep(Duration::from_millis(100)).await;
    let second = server.query("{hello}").send().await;
    assert_eq!((second.status, second.header("retry-after")), (503, Some("1")));
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(server.query("{hello}").send().await.status, 200);
}

//! The port for operators: health and metrics.

use std::{net::SocketAddr, time::Duration};

use anyhow::bail;
use api::http::{Figure, Metrics, Probe, Sockets, operations_router, serve};
use serde_json::json;
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{client::Call, server::Server};

async fn operations(probes: Vec<Probe>, metrics: Metrics) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let router = operations_router(probes, metrics);
    tokio::spawn(serve(listener, router, Sockets::default(), CancellationToken::new()));
    addr
}

#[tokio::test]
async fn live_is_not_ready() {
    let probes = vec![
        Probe::vital("postgres", || async { Ok(()) }),
        Probe::vital("migrations", || async { bail!("2 are pending on host db-7") }),
        Probe::helpful("redis", || async { Ok(()) }),
    ];
    let addr = operations(probes, Metrics::new()).await;
    assert_eq!(Call::get(addr, "/health/live").send().await.json(), json!({"live": true}));
    let answer = Call::get(addr, "/health/ready").send().await;
    assert_eq!(answer.status, 503);
    let checks = json!({"postgres": "ok", "migrations": "failing", "redis": "ok"});
    assert_eq!(answer.json(), json!({"ready": false, "checks": checks}));
}

#[tokio::test]
async fn redis_is_reported_and_not_fatal_and_a_hanging_probe_counts_as_failed() {
    let probes = vec![
        Probe::vital("postgres", || async { Ok(()) }),
        Probe::helpful("redis", || async {
            sleep(Duration::from_secs(60)).await;
            Ok(())
        }),
    ];
    let answer = Call::get(operations(probes, Metrics::new()).await, "/health/ready").send().await;
    assert_eq!((answer.status, &answer.json()["checks"]["redis"]), (200, &json!("failing")));
}

#[tokio::test]
async fn requests_are_counted_by_status_and_kind() {
    let server = Server::start().await;
    server.metrics.register_figures(|| {
        vec![Figure { name: "db_pool_idle_connections", help: "Connections at rest", value: 3.0 }]
    });
    server.query("{hello}").send().await;
    server.query("mutation{slow(millis: 1)}").send().await;
    server.query("{").strict().send().await;
    let text = Call::get(operations(vec![], server.metrics.clone()).await, "/metrics").send().await.text;
    for line in [
        "refero_http_requests_total{operation=\"query\",status=\"200\"} 1",
        "refero_http_requests_total{operation=\"mutation\",status=\"200\"} 1",
        "refero_http_requests_total{operation=\"none\",status=\"400\"} 1",
        "refero_http_request_duration_seconds_count{operation=\"mutation\"} 1",
        "refero_http_requests_in_flight 0",
        "refero_db_pool_idle_connections 3",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

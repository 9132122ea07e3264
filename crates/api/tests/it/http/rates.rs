use std::time::Duration;

use api::http::{
    HttpConfig, Limiter, Sockets,
    limiter::{Budget, Verdict},
};

use super::server::Server;

const SMALL: Budget = Budget { capacity: 10, per_second: 0.5 };
const QUICK: Budget = Budget { capacity: 10, per_second: 1.0 };

/// A name that no other run of the tests has used.
fn fresh(name: &str) -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("test:{}:{port}:{name}", std::process::id())
}

#[tokio::test]
async fn a_spent_budget_answers_when_to_come_back() {
    let server = Server::configured(|config| {
        config.per_credential = SMALL;
        config.per_address = Budget { capacity: 1_000, per_second: 0.001 };
    })
    .await;
    let call = |key: &str| server.query("{items(first: 7){nodes}}").header("authorization", key);
    assert_eq!(call("Bearer rfo_live_1").send().await.status, 200);
    let answer = call("Bearer rfo_live_1").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((10..=12).contains(&seconds), "8 + 8 - 10 points at half a point per second: {seconds}");
    assert_eq!(call("Bearer rfo_live_2").send().await.status, 200, "another key has its own budget");
}

#[tokio::test]
async fn bad_keys_use_up_their_address() {
    let budget = Budget { capacity: 1_000, per_second: 0.001 };
    let server = Server::configured(|config| config.per_address = budget).await;
    let call = || server.query("{hello}").header("authorization", "Bearer wrong");
    for _ in 0..10 {
        assert_eq!(call().send().await.status, 401);
    }
    assert_eq!(call().send().await.status, 429);
    assert_eq!(server.query("{hello}").send().await.status, 429);
}

#[tokio::test]
async fn whatever_is_shown_as_a_credential_the_address_pays_before_anything_is_read() {
    let budget = Budget { capacity: 3, per_second: 0.001 };
    let server = Server::configured(|config| config.per_address = budget).await;
    let large = format!("{{\"query\": \"{}", "{a".repeat(20_000));
    for (key, body) in [("rfo_live_1", "{".to_owned()), ("made_up", "[".to_owned()), ("rfo_live_2", large)] {
        let call = server.post(body).header("authorization", &format!("Bearer {key}"));
        assert_eq!(call.send().await.status, 400, "{key}");
    }
    let answer = server.post("{").header("authorization", "Bearer rfo_live_3").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
}

#[tokio::test]
async fn a_good_credential_gets_the_deposit_of_its_address_back() {
    let budget = Budget { capacity: 2, per_second: 0.001 };
    let server = Server::configured(|config| config.per_address = budget).await;
    for _ in 0..10 {
        let answer = server.query("{hello}").header("authorization", "Bearer rfo_live_1").send().await;
        assert_eq!(answer.status, 200);
    }
    let fields = "hello ".repeat(6_000);
    let large = format!("{{{}}} #{fields}", "hello");
    let answer = server.query(&large).header("authorization", "Bearer rfo_live_1").send().await;
    assert_eq!(answer.json()["data"]["hello"], "hello ", "read on another thread");
}

#[tokio::test]
async fn buckets_in_redis_are_shared_by_processes() {
    let url = test_support::redis_url().unwrap();
    let (one, two) =
        (Limiter::with_redis(&url, "refero:").unwrap(), Limiter::with_redis(&url, "refero:").unwrap());
    let key = fresh("login");
    assert_eq!(one.check(&key, QUICK, 6).await, Verdict::Allowed { available: 4 });
    let Verdict::Allowed { available: 0 } = two.check(&key, QUICK, 4).await else {
        panic!("it must be allowed")
    };
    let Verdict::Refused { retry_after } = one.check(&key, QUICK, 1).await else {
        panic!("it must be refused")
    };
    assert!(retry_after <= Duration::from_secs(1), "{retry_after:?}");
    tokio::time::sleep(retry_after).await;
    assert!(matches!(two.check(&key, QUICK, 1).await, Verdict::Allowed { .. }));
    let over = Limiter::with_redis(&url, "refero:").unwrap().check(&fresh("over"), QUICK, 99).await;
    assert_eq!(over, Verdict::Allowed { available: 0 }, "more than all of it asks for all of it");
}

#[tokio::test]
async fn without_redis_the_process_counts_for_itself() {
    let limiter = Limiter::with_redis("redis://127.0.0.1:1", "refero:").unwrap();
    for _ in 0..10 {
        assert!(matches!(limiter.check("login", SMALL, 1).await, Verdict::Allowed { .. }));
    }
    assert!(matches!(limiter.check("login", SMALL, 1).await, Verdict::Refused { .. }));
}

#[tokio::test]
async fn a_redis_that_hangs_costs_a_moment_once_and_not_the_service() {
    // It accepts and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    let limiter = Limiter::with_redis(&url, "refero:").unwrap();
    let server = Server::with(HttpConfig::for_testing(), limiter, Sockets::default()).await;
    let started = std::time::Instant::now();
    for _ in 0..5 {
        assert_eq!(server.query("{hello}").send().await.status, 200);
    }
    assert!(started.elapsed() < Duration::from_millis(2_000), "{:?}", started.elapsed());
    drop(silent);
}

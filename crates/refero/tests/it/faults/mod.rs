//! Faults, with the real binary: processes are killed, Redis is flushed and stopped, connections are cut, while clients
//! record sales and keep a journal of what was acknowledged. After each, everything that was promised holds.
//!
//! `REFERO_LOAD_SALES` and `REFERO_FAULT_SECS` make the load heavier and the outages longer.

mod fleet;
mod live;
mod load;
mod payouts;
mod redis_server;
mod till;
mod truth;

use std::{env, time::Duration};

use fleet::Fleet;
use load::Load;
pub use redis_server::RedisServer;
use test_support::{TestApp, redis_url};
use tokio::time::sleep;

fn setting(key: &str, default: u64) -> u64 {
    env::var(key).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn outage() -> Duration {
    Duration::from_secs(setting("REFERO_FAULT_SECS", 4))
}

/// Pauses between faults, the same in each run of a test.
fn pauses(seed: u64) -> impl Iterator<Item = Duration> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Duration::from_millis(150 + state % 900)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_clients_record_at_once_and_a_reader_follows_the_feed() {
    let app = TestApp::start().await;
    let fleet = Fleet::start(&app, &redis_url().unwrap(), 2).await;
    let load = Load::prepare(&app, &fleet, setting("REFERO_LOAD_SALES", 1_500)).await;
    let reader = load.follow_the_feed();
    let journal = load.run(32).await;
    truth::holds(&app, &load, &journal).await;
    let seen = reader.finish().await;
    truth::saw_everything_once(&app, &seen).await;
    fleet.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_and_the_api_are_killed_at_random() {
    let app = TestApp::start().await;
    let mut fleet = Fleet::start(&app, &redis_url().unwrap(), 2).await;
    let load = Load::prepare(&app, &fleet, setting("REFERO_LOAD_SALES", 400)).await;
    let reader = load.follow_the_feed();
    let running = load.start(8);
    for (turn, pause) in pauses(7).take(8).enumerate() {
        sleep(pause).await;
        if turn % 3 == 2 { fleet.kill_api().await } else { fleet.kill_worker(turn % 2) }
    }
    let journal = running.finish().await;
    truth::holds(&app, &load, &journal).await;
    truth::saw_everything_once(&app, &reader.finish().await).await;
    fleet.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_flushed_killed_and_comes_back_empty() {
    let app = TestApp::start().await;
    let mut redis = RedisServer::start().await;
    let fleet = Fleet::start(&app, &redis.url, 1).await;
    let load = Load::prepare(&app, &fleet, setting("REFERO_LOAD_SALES", 400)).await;
    let running = load.start(8);
    for pause in pauses(11).take(4) {
        sleep(pause).await;
        redis.flush().await;
    }
    redis.kill();
    sleep(outage()).await;
    redis.restart().await;
    let journal = running.finish().await;
    truth::holds(&app, &load, &journal).await;
    let keys = redis.keys().await;
    assert!(keys.len() < 60, "Redis keeps {} keys at rest: {keys:?}", keys.len());
    fleet.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_to_postgresql_is_cut_again_and_again() {
    let app = TestApp::start().await;
    let fleet = Fleet::start(&app, &redis_url().unwrap(), 1).await;
    let load = Load::prepare(&app, &fleet, setting("REFERO_LOAD_SALES", 400)).await;
    let running = load.start(8);
    let mut cut = 0;
    for pause in pauses(13).take(5) {
        sleep(pause).await;
        cut += truth::cut_connections(&app).await;
    }
    assert!(cut > 0, "there were connections to cut");
    let journal = running.finish().await;
    truth::holds(&app, &load, &journal).await;
    fleet.stop();
}

use std::time::{Duration, Instant};

use jobs::RedisWake;
use queue::Wake;

use crate::{
    kinds::{What, single},
    station::Station,
};

#[tokio::test(flavor = "multi_thread")]
async fn another_process_wakes_the_dispatcher() {
    let station = Station::new().await;
    let mut config = station.config();
    config.dispatch_every = Duration::from_secs(60);
    let wake = RedisWake::new(&station.redis_url, &config.redis_prefix).unwrap();
    let workers = station.start(config).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut slowest = Duration::ZERO;
    for number in 0..20 {
        station.enqueue(&[single(number, What::Note)]).await;
        let began = Instant::now();
        wake.wake();
        station.until("SELECT count(*) FROM jobs", 0, Duration::from_secs(5)).await;
        slowest = slowest.max(began.elapsed());
    }
    println!("slowest from wake to done: {slowest:?}");
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waking_without_redis_neither_blocks_nor_fails() {
    let wake = RedisWake::new("redis://127.0.0.1:1", "nobody:").unwrap();
    let began = Instant::now();
    for _ in 0..1000 {
        wake.wake();
    }
    assert!(began.elapsed() < Duration::from_secs(5), "a call that waits for each would take longer");
}

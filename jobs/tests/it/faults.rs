use std::time::Duration;

use queue::NewJob;

use crate::{
    kinds::{What, light, single, tell},
    own_redis::OwnRedis,
    station::Station,
};

/// What issue and faults allow for work to resume.
const RESUMES: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn emptying_redis_under_load_loses_and_doubles_nothing() {
    let redis = OwnRedis::start().await;
    let station = Station::with_redis(redis.url()).await;
    let workers = station.start(station.config()).await;
    for round in 0..6 {
        let from = round * 500;
        let jobs: Vec<NewJob> = (from..from + 500)
            .map(
                |number| {
                    if number % 5 == 0 { single(number, What::Sleep(2)) } else { light(number, What::Note) }
                },
            )
            .collect();
        station.enqueue(&jobs).await;
        workers.wake().wake();
        tokio::time::sleep(Duration::from_millis(20)).await;
        redis.command(&["FLUSHALL"]).await.unwrap();
    }
    station.until("SELECT count(*) FROM jobs", 0, RESUMES).await;
    assert_eq!(station.ended("done").await, 3000);
    assert_eq!(station.number("SELECT count(*) FROM notes").await, 3000);
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_be_away_at_the_start_stop_and_come_back_empty() {
    let mut redis = OwnRedis::start().await;
    redis.stop();
    let station = Station::with_redis(redis.url()).await;
    let workers = station.start(station.config()).await;
    let jobs: Vec<NewJob> = (0..200).map(|number| light(number, What::Note)).collect();
    station.enqueue(&jobs).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    redis.resume().await;
    station.until("SELECT count(*) FROM jobs", 0, RESUMES).await;

    let jobs: Vec<NewJob> = (200..260).map(|number| single(number, What::Sleep(30))).collect();
    station.enqueue(&jobs).await;
    workers.wake().wake();
    tokio::time::sleep(Duration::from_millis(150)).await;
    redis.stop();
    station.enqueue(&[single(260, What::Note)]).await;
    workers.wake().wake();
    tokio::time::sleep(Duration::from_secs(1)).await;
    redis.resume().await;
    station.until("SELECT count(*) FROM jobs", 0, RESUMES).await;
    assert_eq!(station.number("SELECT count(*) FROM notes").await, 261);
    station.assert_at_rest().await;
    assert!(workers.drain(Duration::from_secs(5)).await);
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_stops_the_lane_only_while_it_is_full() {
    let redis = OwnRedis::start().await;
    let station = Station::with_redis(redis.url()).await;
    let workers = station.start(station.config()).await;
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]).await.unwrap();
    let jobs: Vec<NewJob> = (0..50).map(|number| light(number, What::Note)).collect();
    station.enqueue(&jobs).await;
    workers.wake().wake();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(station.ended("done").await, 0);
    redis.command(&["CONFIG", "SET", "maxmemory", "0"]).await.unwrap();
    station.until("SELECT count(*) FROM jobs", 0, RESUMES).await;
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

/// What a restart of PostgreSQL does to those who are connected, several times, in mid work.
#[tokio::test(flavor = "multi_thread")]
async fn cutting_all_connections_loses_and_doubles_nothing() {
    let station = Station::new().await;
    let workers = station.start(station.config()).await;
    let jobs: Vec<NewJob> = (0..600)
        .map(|number| match number % 3 {
            0 => single(number, What::Sleep(5)),
            1 => light(number, What::Note),
            _ => tell(number, What::Note),
        })
        .collect();
    station.enqueue(&jobs).await;
    workers.wake().wake();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(120)).await;
        station.cut_connections().await;
    }
    station.until("SELECT count(*) FROM jobs", 0, RESUMES).await;
    assert_eq!(station.ended("done").await, 600);
    assert_eq!(station.number("SELECT count(*) FROM notes").await, 600);
    station.assert_at_rest().await;
    assert!(workers.drain(Duration::from_secs(5)).await);
    station.drop().await;
}

/// An old dump: ids that ended long ago, and rubbish.
#[tokio::test(flavor = "multi_thread")]
async fn stale_ids_are_no_ops() {
    let station = Station::new().await;
    let config = station.config();
    let list = format!("{}lane:stats:stats.light", config.redis_prefix);
    let client = redis::Client::open(station.redis_url.as_str()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    for _ in 0..300 {
        let gone: ids::JobId = station.ids.next(station.clock.now());
        let entries = [gone.to_string(), format!("{gone}!"), "rubbish".to_owned()];
        redis::cmd("RPUSH").arg(&list).arg(&entries[..]).exec_async(&mut redis).await.unwrap();
    }
    station.enqueue(&[light(1, What::Note)]).await;
    let workers = station.start(config).await;
    station.until("SELECT count(*) FROM jobs", 0, RESUMES).await;
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    assert_eq!(station.redis_keys().await, 0);
    station.drop().await;
}

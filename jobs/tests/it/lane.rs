use std::time::{Duration, Instant};

use diesel_async::AsyncConnection;
use queue::{NewJob, Queue};

use crate::{
    kinds::{Light, Turns, What, light, single},
    own_redis::OwnRedis,
    station::Station,
};

const MINUTE: Duration = Duration::from_secs(60);

/// More than apalis-redis can hold at once (about 8,000), through every part of the lane.
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_20_000_drains_once_and_leaves_nothing_in_redis() {
    let station = Station::new().await;
    let jobs: Vec<NewJob> = (0..20_000).map(|number| light(number, What::Note)).collect();
    station.enqueue(&jobs).await;
    let began = Instant::now();
    let workers = station.start(station.config()).await;
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    println!("20,000 jobs in {:?}", began.elapsed());
    assert_eq!(station.ended("done").await, 20_000);
    assert_eq!(station.number("SELECT count(*) FROM notes").await, 20_000);
    station.assert_at_rest().await;
    assert!(workers.drain(Duration::from_secs(5)).await);
    assert_eq!(station.redis_keys().await, 0, "keys do not grow with work done");
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_id_pushed_three_times_has_one_effect() {
    let station = Station::new().await;
    let jobs: Vec<NewJob> = (0..300)
        .map(|number| if number % 3 == 0 { single(number, What::Note) } else { light(number, What::Note) })
        .collect();
    station.enqueue(&jobs).await;
    let config = station.config();
    let client = redis::Client::open(station.redis_url.as_str()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let pushed = {
        let mut conn = station.conn().await;
        queue::dispatch(
            &mut conn,
            &[("stats", "stats.light"), ("rewards", "rewards.single")],
            2000,
            station.clock.now(),
        )
        .await
        .unwrap()
    };
    for job in pushed.iter().cycle().take(900) {
        let list = format!("{}lane:{}:{}", config.redis_prefix, job.queue, job.kind);
        redis::cmd("RPUSH").arg(list).arg(job.id.to_string()).exec_async(&mut redis).await.unwrap();
    }
    let workers = station.start(config).await;
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    assert_eq!(station.ended("done").await, 300);
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

/// apalis-redis takes slow jobs for dead and runs them twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_job_keeps_its_lease_and_a_drain_waits_for_it() {
    let station = Station::new().await;
    let mut config = station.config();
    config.lease = Duration::from_secs(1);
    let jobs: Vec<NewJob> = (0..4).map(|number| single(number, What::Sleep(3000))).collect();
    station.enqueue(&jobs).await;
    let workers = station.start(config).await;
    station.until("SELECT count(*) FROM jobs WHERE state = 'running'", 4, MINUTE).await;
    let untouched = station.enqueue(&[single(9, What::Note)]).await;
    assert!(workers.drain(Duration::from_secs(10)).await);
    assert_eq!(station.ended("done").await, 4);
    assert_eq!(
        station.number("SELECT count(*) FROM jobs WHERE attempt = 0").await,
        1,
        "nothing new was taken"
    );
    assert_eq!(untouched.len(), 1);
    let workers = station.start(station.config()).await;
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_stands_still_and_others_go_on() {
    let station = Station::new().await;
    let workers = station.start(station.config()).await;
    let now = station.clock.now();
    queue::pause(&mut *station.conn().await, Queue::Rewards, "usr_1", now).await.unwrap();
    station.enqueue(&[single(1, What::Note), light(2, What::Note)]).await;
    workers.wake().wake();
    station.until("SELECT count(*) FROM jobs WHERE queue = 'stats'", 0, MINUTE).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(station.number("SELECT count(*) FROM jobs WHERE state = 'ready' AND attempt = 0").await, 1);
    queue::resume(&mut *station.conn().await, Queue::Rewards).await.unwrap();
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

/// The claim leaves a twin that an enqueuer holds; it must run soon after the commit, not at the next search for lost ids.
#[tokio::test(flavor = "multi_thread")]
async fn a_twin_held_by_an_enqueuer_runs_right_after_its_commit() {
    let station = Station::new().await;
    let mut config = station.config();
    config.lost_after = MINUTE;
    let mut conn = station.conn().await;
    let (now, ids) = (station.clock.now(), station.ids.clone());
    let twin = NewJob::of(&crate::kinds::Keyed { number: 7 });
    queue::enqueue(&mut conn, now, &ids, std::slice::from_ref(&twin)).await.unwrap();
    let workers = conn
        .transaction::<_, diesel::result::Error, _>(async |conn| {
            queue::enqueue(conn, now, &ids, std::slice::from_ref(&twin)).await?;
            let workers = station.start(config).await;
            tokio::time::sleep(Duration::from_millis(150)).await;
            assert_eq!(station.ended("done").await, 0);
            Ok(workers)
        })
        .await
        .unwrap();
    station.until("SELECT count(*) FROM jobs", 0, Duration::from_secs(2)).await;
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_fire_in_two_processes_once_each() {
    let station = Station::new().await;
    let registry = || {
        crate::kinds::registry().schedule(queue::Schedule {
            name: "stats.often",
            every_secs: 1,
            offset_secs: 0,
            catch_up: queue::CatchUp::All,
            job: |slot| {
                NewJob::of(&Light { number: (slot.timestamp() % 1_000_000) as i32, what: What::Note })
            },
        })
    };
    let mut both = Vec::new();
    for _ in 0..2 {
        let (db, clock, ids) = (station.db.clone(), station.clock.clone(), station.ids.clone());
        both.push(jobs::Workers::start(station.config(), db, clock, ids, registry(), None).await.unwrap());
    }
    station.until("SELECT least(count(*), 4) FROM notes", 4, MINUTE).await;
    for workers in both {
        workers.drain(Duration::from_secs(5)).await;
    }
    assert_eq!(station.number("SELECT count(*) - count(DISTINCT number) FROM notes").await, 0);
    assert_eq!(
        station.number("SELECT max(number) - min(number) + 1 - count(*) FROM notes").await,
        0,
        "holes"
    );
    station.drop().await;
}

/// A busy key does not hold the slots of its kind: its next run waits in the ledger, and begins when the present one ends.
#[tokio::test(flavor = "multi_thread")]
async fn runs_of_one_key_take_turns_and_others_go_on_meanwhile() {
    let station = Station::new().await;
    let turn = |key, number, millis| NewJob::of(&Turns { key, number, millis });
    let workers = station.start(station.config()).await;
    station.enqueue(&[turn(1, 0, 3000)]).await;
    workers.wake().wake();
    station.until("SELECT count(*) FROM jobs WHERE state = 'running'", 1, MINUTE).await;
    let [second] = station.enqueue(&[turn(1, 1, 0)]).await[..] else { panic!("one job") };
    for key in 2..8 {
        station.enqueue(&[turn(key, key, 10)]).await;
    }
    workers.wake().wake();
    station.until("SELECT count(*) FROM notes WHERE number > 1", 6, MINUTE).await;
    assert_eq!(station.number("SELECT count(*) FROM jobs WHERE state = 'running'").await, 1, "the long one");
    assert_eq!(station.number("SELECT count(*) FROM jobs WHERE state = 'ready'").await, 1, "its twin waits");
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    let pause = format!(
        "SELECT (extract(epoch FROM b.started_at - a.finished_at) * 1000)::bigint FROM job_history a, job_history b \
         WHERE a.unique_key = '1' AND b.id = '{}' AND a.id <> b.id",
        ids::TypedId::uuid(second)
    );
    let pause = station.number(&pause).await;
    assert!((-100..1000).contains(&pause), "it began {pause} ms after the end of the first");
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lane_hands_every_id_out_without_a_ledger_and_ends() {
    let redis = OwnRedis::start().await;
    for (jobs, slice, concurrency) in [(1, 1, 1), (2_345, 100, 4)] {
        jobs::lane_alone(&redis.url(), jobs, slice, concurrency).await.unwrap();
    }
}

//! Jobs that do what a test needs.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, Integer},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use jobs::{Act, Call, Claimed, Failure, Progress, Registry};
use queue::{Job, NewJob, Queue, Retry};
use serde::{Deserialize, Serialize};

pub const TABLES: &str =
    "CREATE TABLE notes (number integer NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());";

/// What a handler is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    Note,
    Fail,
    Abort,
    Stop,
    Later,
    Panic,
    Await,
    Spin,
    Sleep(u64),
}

/// One at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Single {
    pub number: i32,
    pub what: What,
}

impl Job for Single {
    const KIND: &'static str = "rewards.single";
    const QUEUE: Queue = Queue::Rewards;
    const RETRY: Retry = Retry { max_attempts: 3, cap: Duration::from_secs(1) };
    const MAX_RUN: Duration = Duration::from_secs(20);
}

/// One that has hardly any time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Brief {
    pub number: i32,
    pub what: What,
}

impl Job for Brief {
    const KIND: &'static str = "rewards.brief";
    const QUEUE: Queue = Queue::Rewards;
    const RETRY: Retry = Retry { max_attempts: 2, cap: Duration::from_secs(1) };
    const MAX_RUN: Duration = Duration::from_millis(300);
}

/// A hundred at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Light {
    pub number: i32,
    pub what: What,
}

impl Job for Light {
    const KIND: &'static str = "stats.light";
    const QUEUE: Queue = Queue::Stats;
    const RETRY: Retry = Retry { max_attempts: 3, cap: Duration::from_secs(1) };
    const MAX_RUN: Duration = Duration::from_secs(10);
    const SLICE: usize = 100;
}

/// One waits at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Keyed {
    pub number: i32,
}

impl Job for Keyed {
    const KIND: &'static str = "rewards.keyed";
    const QUEUE: Queue = Queue::Rewards;

    fn unique_key(&self) -> Option<String> {
        Some(self.number.to_string())
    }
}

/// One waits and one runs at a time, per key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Turns {
    pub key: i32,
    pub number: i32,
    pub millis: u64,
}

impl Job for Turns {
    const KIND: &'static str = "rewards.turns";
    const QUEUE: Queue = Queue::Rewards;
    const SERIAL: bool = true;
    const CONCURRENCY: usize = 2;

    fn unique_key(&self) -> Option<String> {
        Some(self.key.to_string())
    }
}

/// A call outside, ten at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tell {
    pub number: i32,
    pub what: What,
}

impl Job for Tell {
    const KIND: &'static str = "emails.tell";
    const QUEUE: Queue = Queue::Emails;
    const RETRY: Retry = Retry { max_attempts: 3, cap: Duration::from_secs(1) };
    const SLICE: usize = 10;
}

pub fn single(number: i32, what: What) -> NewJob {
    NewJob::of(&Single { number, what })
}

pub fn brief(number: i32, what: What) -> NewJob {
    NewJob::of(&Brief { number, what })
}

pub fn light(number: i32, what: What) -> NewJob {
    NewJob::of(&Light { number, what })
}

pub fn tell(number: i32, what: What) -> NewJob {
    NewJob::of(&Tell { number, what })
}

pub fn registry() -> Registry {
    Registry::default()
        .act(SingleHandler)
        .act(BriefHandler)
        .act(KeyedHandler)
        .act(TurnsHandler)
        .act(LightHandler)
        .call(TellHandler::default())
}

/// Does everything but noting.
async fn behave(what: What) -> Result<(), Failure> {
    match what {
        What::Note => Ok(()),
        What::Fail => Err(Failure::Retry("as told".to_owned())),
        What::Abort => Err(Failure::Abort("as told".to_owned())),
        What::Stop => Err(Failure::Stop("as told".to_owned())),
        What::Later => Err(Failure::RetryAfter(Duration::from_millis(300), "later".to_owned())),
        What::Panic => panic!("as told"),
        What::Await => std::future::pending().await,
        What::Spin => loop {
            std::hint::spin_loop();
        },
        What::Sleep(millis) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(())
        }
    }
}

async fn note(conn: &mut AsyncPgConnection, numbers: &[i32]) -> Result<(), Failure> {
    sql_query("INSERT INTO notes (number) SELECT unnest($1)")
        .bind::<Array<Integer>, _>(numbers)
        .execute(conn)
        .await?;
    Ok(())
}

pub struct SingleHandler;

impl Act for SingleHandler {
    type Job = Single;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<Single>],
        _now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            note(conn, &[job.args.number]).await?;
            behave(job.args.what).await?;
        }
        Ok(())
    }
}

pub struct BriefHandler;

impl Act for BriefHandler {
    type Job = Brief;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<Brief>],
        _now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            note(conn, &[job.args.number]).await?;
            behave(job.args.what).await?;
        }
        Ok(())
    }
}

pub struct KeyedHandler;

impl Act for KeyedHandler {
    type Job = Keyed;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<Keyed>],
        _now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let numbers: Vec<i32> = jobs.iter().map(|job| job.args.number).collect();
        note(conn, &numbers).await
    }
}

pub struct TurnsHandler;

impl Act for TurnsHandler {
    type Job = Turns;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<Turns>],
        _now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            note(conn, &[job.args.number]).await?;
            tokio::time::sleep(Duration::from_millis(job.args.millis)).await;
        }
        Ok(())
    }
}

pub struct LightHandler;

impl Act for LightHandler {
    type Job = Light;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<Light>],
        _now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let numbers: Vec<i32> = jobs.iter().map(|job| job.args.number).collect();
        note(conn, &numbers).await?;
        for job in jobs.iter().filter(|job| job.args.what != What::Note) {
            behave(job.args.what).await?;
        }
        Ok(())
    }
}

/// It notes what it was called for, whatever became of that.
#[derive(Clone, Default)]
pub struct TellHandler(pub Arc<Mutex<Vec<i32>>>);

impl Call for TellHandler {
    type Job = Tell;
    type Outcome = i32;

    async fn call(&self, jobs: &[Claimed<Tell>], progress: &Progress<i32>) {
        for (place, job) in jobs.iter().enumerate() {
            let end = match progress.is_stopping() {
                true => Err(Failure::NotBegun),
                false => {
                    self.0.lock().unwrap().push(job.args.number);
                    behave(job.args.what).await.map(|()| job.args.number)
                }
            };
            progress.ended(place, end);
        }
    }

    async fn record(
        &self,
        conn: &mut AsyncPgConnection,
        ends: &[(&Claimed<Tell>, &i32)],
        _now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        note(conn, &ends.iter().map(|(_, number)| **number).collect::<Vec<_>>()).await
    }
}

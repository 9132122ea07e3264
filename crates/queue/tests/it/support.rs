use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, sql_query,
    sql_types::{Jsonb, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use ids::{IdSource, JobId, LeaseToken};
use queue::{
    Claim, ClaimedRow, Job, Mode, NewJob, Queue, Retry,
    schema::{job_history, jobs},
};
use serde::{Deserialize, Serialize};

pub const LEASE: Duration = Duration::from_secs(30);
const TABLES: &str = include_str!("../../../../migrations/2026-11-22-000090_create_jobs/up.sql");
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database of its own, with the tables of jobs; `drop` it at the end.
pub struct Ledger {
    server: String,
    name: String,
    pub ids: IdSource,
    pub now: DateTime<Utc>,
    /// Whether the kind is taken for a serial one.
    pub serial: bool,
}

/// A job that counts to nothing; `key` makes it unique.
#[derive(Debug, Serialize, Deserialize)]
pub struct Count {
    pub number: i32,
    pub key: Option<String>,
}

impl Job for Count {
    const KIND: &'static str = "stats.count";
    const QUEUE: Queue = Queue::Stats;
    const RETRY: Retry = Retry { max_attempts: 3, cap: Duration::from_secs(60) };

    fn unique_key(&self) -> Option<String> {
        self.key.clone()
    }
}

pub fn count(number: i32) -> NewJob {
    NewJob::of(&Count { number, key: None })
}

pub fn keyed(number: i32, key: &str) -> NewJob {
    NewJob::of(&Count { number, key: Some(key.to_owned()) })
}

impl Ledger {
    pub async fn new() -> Self {
        let server = std::env::var("TEST_DATABASE_URL").or_else(|_| std::env::var("DATABASE_URL")).unwrap();
        let name = format!("queue_it_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut admin = AsyncPgConnection::establish(&server).await.unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let ledger = Self { server, name, ids: IdSource::seeded(1), now, serial: false };
        ledger.connect().await.batch_execute(TABLES).await.unwrap();
        ledger
    }

    pub async fn connect(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.url()).await.unwrap()
    }

    pub fn url(&self) -> String {
        let (rest, _) = self.server.rsplit_once('/').unwrap();
        format!("{rest}/{}", self.name)
    }

    pub async fn drop(self) {
        let mut admin = AsyncPgConnection::establish(&self.server).await.unwrap();
        admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
    }

    pub fn after(&self, seconds: i64) -> DateTime<Utc> {
        self.now + TimeDelta::seconds(seconds)
    }

    pub fn token(&self) -> LeaseToken {
        self.ids.next(self.now)
    }

    pub async fn enqueue(&self, conn: &mut AsyncPgConnection, job: NewJob) -> JobId {
        queue::enqueue(conn, self.now, &self.ids, &[job]).await.unwrap()[0]
    }

    /// Claims rows as a worker would.
    pub async fn claim(
        &self,
        conn: &mut AsyncPgConnection,
        ids: &[JobId],
        mode: Mode,
        token: LeaseToken,
        now: DateTime<Utc>,
    ) -> Vec<ClaimedRow> {
        let worker = self.ids.next(now);
        let claim = Claim { kind: Count::KIND, ids, mode, serial: self.serial, token, lease: LEASE, worker };
        queue::claim(conn, claim, now).await.unwrap()
    }

    /// Claims one row as a worker would.
    pub async fn claim_one(
        &self,
        conn: &mut AsyncPgConnection,
        id: JobId,
        mode: Mode,
        now: DateTime<Utc>,
    ) -> Option<(ClaimedRow, LeaseToken)> {
        let token = self.token();
        let rows = self.claim(conn, &[id], mode, token, now).await;
        rows.into_iter().next().map(|row| (row, token))
    }
}

/// What a row says of itself, as text: `state attempt crashes_alone alone`.
pub async fn row(conn: &mut AsyncPgConnection, id: JobId) -> Option<String> {
    let found: Result<(String, i32, i16, bool), _> = jobs::table
        .find(ids::TypedId::uuid(id))
        .select((jobs::state, jobs::attempt, jobs::crashes_alone, jobs::alone))
        .first(conn)
        .await;
    found.ok().map(|(state, attempt, crashes, alone)| {
        format!("{state} attempt={attempt} crashes={crashes}{}", if alone { " alone" } else { "" })
    })
}

pub async fn run_at(conn: &mut AsyncPgConnection, id: JobId) -> DateTime<Utc> {
    jobs::table.find(ids::TypedId::uuid(id)).select(jobs::run_at).first(conn).await.unwrap()
}

/// The states of a job in the history.
pub async fn ended(conn: &mut AsyncPgConnection, id: JobId) -> Vec<String> {
    job_history::table
        .filter(job_history::id.eq(ids::TypedId::uuid(id)))
        .order(job_history::finished_at)
        .select(job_history::state)
        .load(conn)
        .await
        .unwrap()
}

#[derive(QueryableByName)]
struct Errors {
    #[diesel(sql_type = Jsonb)]
    errors: serde_json::Value,
}

/// The texts of the errors of a job, wherever its row is, oldest first.
pub async fn errors(conn: &mut AsyncPgConnection, id: JobId) -> Vec<String> {
    let rows: Vec<Errors> = sql_query(
        "SELECT errors FROM jobs WHERE id = $1::uuid UNION ALL SELECT errors FROM job_history WHERE id = $1::uuid",
    )
    .bind::<Text, _>(ids::TypedId::uuid(id).to_string())
    .load(conn)
    .await
    .unwrap();
    let texts = rows.iter().flat_map(|row| row.errors.as_array().unwrap());
    texts.map(|error| error["error"].as_str().unwrap().to_owned()).collect()
}

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::{
    clock::Clock,
    db::{Conn, Db, DbConfig},
};
use ids::{IdSource, JobId};
use jobs::{Workers, WorkersConfig};
use queue::NewJob;

use crate::kinds;

const TABLES: &str = include_str!("../../../migrations/2026-11-22-000090_create_jobs/up.sql");
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database of its own with the tables of jobs and one for what handlers do, and a prefix in Redis.
pub struct Station {
    server: String,
    pub name: String,
    pub redis_url: String,
    pub db: Db,
    pub clock: Clock,
    pub ids: IdSource,
}

fn env(test: &str, usual: &str) -> String {
    std::env::var(test).or_else(|_| std::env::var(usual)).unwrap()
}

/// The database of that name on the same server.
pub fn url_of(server: &str, name: &str) -> String {
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

impl Station {
    pub async fn new() -> Self {
        Self::with_redis(env("TEST_REDIS_URL", "REDIS_URL")).await
    }

    pub async fn with_redis(redis_url: String) -> Self {
        let server = env("TEST_DATABASE_URL", "DATABASE_URL");
        let name = format!("jobs_it_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut admin = AsyncPgConnection::establish(&server).await.unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let station = Self::at(server, name, redis_url).await;
        let mut conn = station.conn().await;
        conn.batch_execute(TABLES).await.unwrap();
        conn.batch_execute(kinds::TABLES).await.unwrap();
        drop(conn);
        station
    }

    /// A station that exists already: for child processes.
    pub async fn at(server: String, name: String, redis_url: String) -> Self {
        let mut config = DbConfig::for_testing(&url_of(&server, &name));
        config.pool_size = 24;
        let db = Db::new(&config).unwrap();
        let clock = Clock::start(&db).await.unwrap();
        Self { server, name, redis_url, db, clock, ids: IdSource::from_system().unwrap() }
    }

    pub async fn drop(self) {
        let mut admin = AsyncPgConnection::establish(&self.server).await.unwrap();
        admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
    }

    pub fn server(&self) -> &str {
        &self.server
    }

    pub async fn conn(&self) -> Conn {
        self.db.get().await.unwrap()
    }

    /// Short intervals, so that tests are.
    pub fn config(&self) -> WorkersConfig {
        let mut config = WorkersConfig::new(&self.redis_url);
        config.redis_prefix = format!("{}:", self.name);
        config.lease = Duration::from_millis(1500);
        config.sweep_every = Duration::from_millis(200);
        config.lost_after = Duration::from_millis(600);
        config.schedule_every = Duration::from_millis(100);
        config.pop_wait = Duration::from_millis(300);
        config
    }

    pub async fn start(&self, config: WorkersConfig) -> Workers {
        let (db, clock, ids) = (self.db.clone(), self.clock.clone(), self.ids.clone());
        Workers::start(config, db, clock, ids, kinds::registry(), None).await.unwrap()
    }

    pub async fn enqueue(&self, jobs: &[NewJob]) -> Vec<JobId> {
        queue::enqueue(&mut *self.conn().await, self.clock.now(), &self.ids, jobs).await.unwrap()
    }

    pub async fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let sql = format!("SELECT ({sql})::bigint AS number");
        // Where a test cuts connections, the pool may not have noticed yet.
        for _ in 0..5 {
            let row: Result<Row, _> = sql_query(&sql).get_result(&mut *self.conn().await).await;
            if let Ok(row) = row {
                return row.number;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{sql} is not answered")
    }

    pub async fn execute(&self, sql: &str) {
        self.conn().await.batch_execute(sql).await.unwrap();
    }

    /// Waits until the query answers `expected`.
    pub async fn until(&self, sql: &str, expected: i64, within: Duration) {
        let began = Instant::now();
        loop {
            let number = self.number(sql).await;
            if number == expected {
                return;
            }
            assert!(began.elapsed() < within, "{sql} is {number} after {within:?}, not {expected}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends every session of this database.
    pub async fn cut_connections(&self) {
        let mut admin = AsyncPgConnection::establish(&self.server).await.unwrap();
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ";
        admin.batch_execute(&format!("{sql}'{}'", self.name)).await.unwrap();
    }

    /// How many jobs ended so.
    pub async fn ended(&self, state: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM job_history WHERE state = '{state}'")).await
    }

    /// Laws of a ledger at rest: nothing is live, nothing happened twice, every dead job has its errors.
    pub async fn assert_at_rest(&self) {
        assert_eq!(self.number("SELECT count(*) FROM jobs").await, 0, "live rows");
        let doubles = "SELECT count(*) FROM (SELECT 1 FROM notes GROUP BY number HAVING count(*) > 1) d";
        assert_eq!(self.number(doubles).await, 0, "double effects");
        let silent =
            "SELECT count(*) FROM job_history WHERE state = 'dead' AND jsonb_array_length(errors) = 0";
        assert_eq!(self.number(silent).await, 0, "dead without errors");
    }

    /// The number of keys of this station in Redis.
    pub async fn redis_keys(&self) -> usize {
        let client = redis::Client::open(self.redis_url.as_str()).unwrap();
        let mut conn = client.get_multiplexed_async_connection().await.unwrap();
        let keys: Vec<String> =
            redis::cmd("KEYS").arg(format!("{}:*", self.name)).query_async(&mut conn).await.unwrap();
        keys.len()
    }
}

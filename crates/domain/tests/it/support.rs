//! A database of its own for each test, and its circumstances.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use domain::{
    act::Act,
    db::{Conn, Db, DbConfig},
};
use ids::IdSource;
use test_database::TestDatabase;

/// A database of its own, dropped with this value; a fixed time; ids that repeat from run to run.
pub struct World {
    pub db: Db,
    pub ids: IdSource,
    pub now: DateTime<Utc>,
    pub database: TestDatabase,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl World {
    pub async fn new() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let db = Db::new(&DbConfig::for_testing(&database.url)).unwrap();
        Self { db, ids: IdSource::seeded(1), now: "2026-11-22T12:00:00Z".parse().unwrap(), database }
    }

    pub async fn conn(&self) -> Conn {
        self.db.get().await.unwrap()
    }

    /// An act of the system at the world's time.
    pub fn act(&self) -> Act {
        Act::of_system(self.now, self.ids.clone())
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: TimeDelta) {
        self.now += time;
    }

    /// How many rows `SELECT` finds: `"users WHERE status = 'ACTIVE'"`.
    pub async fn count(&self, rows: &str) -> i64 {
        let counted = sql_query(format!("SELECT count(*) AS count FROM {rows}"));
        counted.get_result::<Counted>(&mut *self.conn().await).await.unwrap().count
    }

    /// Runs SQL that no verb does yet.
    pub async fn execute(&self, sql: &str) {
        self.conn().await.batch_execute(sql).await.unwrap();
    }
}

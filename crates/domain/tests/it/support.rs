//! A database per test, copied from a template that the first test makes.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::{
    act::Act,
    db::{self, Conn, Db, DbConfig},
};
use ids::IdSource;
use sha2::{Digest, Sha256};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database of its own, dropped with this value; a fixed time; ids that repeat from run to run.
pub struct World {
    pub db: Db,
    pub ids: IdSource,
    pub now: DateTime<Utc>,
    server: String,
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl World {
    pub async fn new() -> Self {
        let server = std::env::var("TEST_DATABASE_URL")
            .or_else(|_| std::env::var("DATABASE_URL"))
            .expect("TEST_DATABASE_URL is not set: run `cargo xtask test`, or `cargo xtask db`");
        let mut admin = AsyncPgConnection::establish(&server).await.unwrap();
        let template = template(&server, &mut admin).await;
        let name = format!("domain_it_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
        let db = Db::new(&DbConfig::for_testing(&url_of(&server, &name))).unwrap();
        Self { db, ids: IdSource::seeded(1), now: "2026-11-22T12:00:00Z".parse().unwrap(), server, name }
    }

    /// A pool of its own, for more tasks at once than the world's serves.
    pub fn pool(&self, size: usize) -> Db {
        let config = DbConfig::for_testing(&url_of(&self.server, &self.name));
        Db::new(&DbConfig { pool_size: size, ..config }).unwrap()
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

impl Drop for World {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // A runtime cannot be entered from within another one.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                AsyncPgConnection::establish(&server).await.unwrap().batch_execute(&drop).await.unwrap();
            });
        });
        if dropped.join().is_err() {
            eprintln!("the database of a test was not dropped");
        }
    }
}

/// The name of the template of these migrations; made under another name, so that no half of one is copied.
async fn template(server: &str, admin: &mut AsyncPgConnection) -> String {
    let name = format!("domain_template_{}", fingerprint());
    let exists = format!("SELECT count(*) AS count FROM pg_database WHERE datname = '{name}'");
    if sql_query(&exists).get_result::<Counted>(admin).await.unwrap().count == 0 {
        admin.batch_execute("SELECT pg_advisory_lock(7262391)").await.unwrap();
        if sql_query(&exists).get_result::<Counted>(admin).await.unwrap().count == 0 {
            let unfinished = format!("{name}_unfinished");
            admin.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await.unwrap();
            admin.batch_execute(&format!("CREATE DATABASE {unfinished}")).await.unwrap();
            db::migrate(&url_of(server, &unfinished)).await.unwrap();
            let end = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{unfinished}'"
            );
            admin.batch_execute(&end).await.unwrap();
            admin.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await.unwrap();
        }
        admin.batch_execute("SELECT pg_advisory_unlock(7262391)").await.unwrap();
    }
    name
}

fn url_of(server: &str, name: &str) -> String {
    let (rest, query) = server.split_once('?').map_or((server, None), |(rest, query)| (rest, Some(query)));
    let (host, _) = rest.rsplit_once('/').unwrap();
    query.map_or_else(|| format!("{host}/{name}"), |query| format!("{host}/{name}?{query}"))
}

/// Twelve hex digits of the migrations: other migrations, another template.
fn fingerprint() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("up.sql")).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(file).unwrap_or_default());
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use api::{http::Metrics, live::Live};
use diesel_async::SimpleAsyncConnection;
use domain::{
    act::Act,
    clock::Clock,
    db::{Conn, Db},
    users::{Passwords, Secrets},
};
use ids::IdSource;
use jobs::Registry;
use test_database::{TestDatabase, or_panic};
use tokio_util::sync::CancellationToken;

use crate::{builder::Builder, leftovers, mail::Mail, people::First, statements};

/// A whole Refero for one test.
pub struct TestApp {
    /// The pool that the API uses too.
    pub db: Db,
    /// The clock; it stands still.
    pub clock: Clock,
    /// Where ids and secrets come from: a seed.
    pub ids: IdSource,
    /// Where the API listens.
    pub address: SocketAddr,
    /// The database of this test alone.
    pub database: TestDatabase,
    /// What subscriptions follow.
    pub live: Arc<Live>,
    pub(crate) metrics: Metrics,
    /// What workers do.
    pub registry: Registry,
    pub(crate) passwords: Passwords,
    /// Derives the tokens of links: for what happens before an email arrives.
    pub secrets: Secrets,
    pub(crate) mail: Mail,
    pub(crate) cookie: &'static str,
    pub(crate) shutdown: CancellationToken,
    pub(crate) first: Mutex<Option<First>>,
    pub(crate) founded: AtomicU32,
    pub(crate) leaves_jobs: AtomicBool,
}

impl TestApp {
    /// An app with an account and its owner.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// An app that differs.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// A connection of the pool.
    pub async fn conn(&self) -> Conn {
        or_panic(self.db.get().await)
    }

    /// An act of Refero itself, now: for calling verbs directly.
    pub fn act(&self) -> Act {
        Act::of_system(self.clock.now(), self.ids.clone())
    }

    /// Gives events their places and runs the jobs that are due, until nothing is left of both. Answers how many runs
    /// there were.
    pub async fn run_jobs(&self) -> usize {
        let mut runs = 0;
        loop {
            let now = self.clock.now();
            let sequenced =
                or_panic(domain::subscribers::sequence(&mut *self.conn().await, now, &self.ids).await);
            let ran = or_panic(jobs::run_due(&self.registry, &self.db, &self.ids, now).await);
            runs += ran;
            if sequenced == 0 && ran == 0 {
                return runs;
            }
        }
    }

    /// Runs SQL for which there is no verb yet.
    pub async fn sql(&self, sql: &str) {
        or_panic(self.conn().await.batch_execute(sql).await);
    }

    /// The SQL that reaches the database while `work` runs, in order, without what only frames it (`BEGIN`, `COMMIT`).
    pub async fn count_statements<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        statements::of(&self.database.url, work).await
    }

    /// The figures of the API, as Prometheus reads them.
    pub fn metrics(&self) -> String {
        self.metrics.render()
    }

    /// Has the API end, as at the end of a process.
    pub fn stop_serving(&self) {
        self.shutdown.cancel();
    }

    /// Has the end of the test accept unsequenced events, due jobs and dead ones.
    pub fn leave_jobs(&self) {
        self.leaves_jobs.store(true, Ordering::Relaxed);
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.shutdown.cancel();
        // A test that fails already says why; a second panic would hide it.
        if !std::thread::panicking() {
            let accepted = self.leaves_jobs.load(Ordering::Relaxed);
            let left = leftovers::of(&self.database.url, self.clock.now(), accepted);
            assert!(left.is_empty(), "the test leaves behind:\n{}", left.join("\n"));
        }
    }
}

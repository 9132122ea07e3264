//! The one clock of a process: monotonic, and set by PostgreSQL's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types::Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::db::Db;

const MEASURE_EVERY: Duration = Duration::from_secs(10);

/// Tells the time as PostgreSQL has it, to the microsecond, so that processes whose own clocks differ agree about holds
/// and leases. Clones share it.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

enum Inner {
    /// Microseconds since 1970 at `start`, by PostgreSQL's clock.
    Running { start: Instant, origin: AtomicI64 },
    /// A test's clock: stands still until it is set.
    Fixed(AtomicI64),
}

#[derive(QueryableByName)]
struct Reading {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

impl Clock {
    /// A clock set by PostgreSQL, and set again every 10 s as long as it lives.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn start(db: &Db) -> Result<Self, diesel::result::Error> {
        let start = Instant::now();
        let origin = AtomicI64::new(measure(&mut *db.get().await?, start).await?);
        let clock = Self(Arc::new(Inner::Running { start, origin }));
        tokio::spawn(keep_set(Arc::downgrade(&clock.0), db.clone()));
        Ok(clock)
    }

    /// A clock that stands at `now`: for tests.
    pub fn fixed(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Inner::Fixed(AtomicI64::new(now.timestamp_micros()))))
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match &*self.0 {
            Inner::Running { start, origin } => origin.load(Ordering::Relaxed) + micros(start.elapsed()),
            Inner::Fixed(at) => at.load(Ordering::Relaxed),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Sets a fixed clock; a running one does not listen.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Inner::Fixed(at) = &*self.0 {
            at.store(now.timestamp_micros(), Ordering::Relaxed);
        }
    }
}

/// What PostgreSQL's clock showed at `start`, in microseconds since 1970; half of the round trip is taken off.
async fn measure(conn: &mut AsyncPgConnection, start: Instant) -> diesel::QueryResult<i64> {
    let asked = Instant::now();
    let reading: Reading = diesel::sql_query("SELECT clock_timestamp() AS at").get_result(conn).await?;
    let answered_at = micros(start.elapsed()) - micros(asked.elapsed()) / 2;
    Ok(reading.at.timestamp_micros() - answered_at)
}

async fn keep_set(clock: std::sync::Weak<Inner>, db: Db) {
    loop {
        tokio::time::sleep(MEASURE_EVERY).await;
        let Some(inner) = clock.upgrade() else { return };
        let Inner::Running { start, origin } = &*inner else { return };
        let Ok(mut conn) = db.get().await else { continue };
        match measure(&mut conn, *start).await {
            Ok(measured) => origin.store(measured, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the clock could not be set"),
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

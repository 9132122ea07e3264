//! Connections to PostgreSQL: a pool whose connections never keep a lock after their user is gone.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use diesel::{connection::TransactionManagerStatus, result::DatabaseErrorKind};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, SimpleAsyncConnection, TransactionManager,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{BuildError, Object, Pool, PoolError},
    },
};
use futures_util::FutureExt;

mod migrations;
mod server;

pub use migrations::{migrate, pending_migrations, revert_all, unknown_migrations};
pub use server::Server;

/// How PostgreSQL is reached.
#[derive(Clone)]
pub struct DbConfig {
    /// `DATABASE_URL`: `postgres://user:password@host:port/database`.
    pub url: String,
    /// `DATABASE_POOL_SIZE`: the most connections of this process' pool.
    pub pool_size: usize,
    /// `DATABASE_STATEMENT_TIMEOUT_MS`: PostgreSQL ends a statement that takes longer.
    pub statement_timeout: Duration,
}

impl DbConfig {
    /// Reads the environment.
    ///
    /// # Errors
    /// When `DATABASE_URL` is missing or a number is none.
    pub fn from_env() -> anyhow::Result<Self> {
        Self::of_url(env::required_var("DATABASE_URL")?)
    }

    /// The database at `url`; the rest is read from the environment.
    ///
    /// # Errors
    /// When a number is none.
    pub fn of_url(url: String) -> anyhow::Result<Self> {
        Ok(Self {
            url,
            pool_size: env::var_parsed("DATABASE_POOL_SIZE")?.unwrap_or(20),
            statement_timeout: Duration::from_millis(
                env::var_parsed("DATABASE_STATEMENT_TIMEOUT_MS")?.unwrap_or(5_000),
            ),
        })
    }

    /// A small pool for a test.
    pub fn for_testing(url: &str) -> Self {
        Self { url: url.to_owned(), pool_size: 8, statement_timeout: Duration::from_secs(20) }
    }
}

/// The pool. Clones share it.
#[derive(Clone)]
pub struct Db(Pool<AsyncPgConnection>);

/// No connection could be had.
#[derive(Debug, thiserror::Error)]
#[error("no database connection: {0}")]
pub struct DbUnavailable(#[from] PoolError);

impl From<DbUnavailable> for diesel::result::Error {
    fn from(error: DbUnavailable) -> Self {
        Self::QueryBuilderError(Box::new(error))
    }
}

/// Messages in English, by which [`is_timeout`] and [`is_passing`] know what diesel tells by no code. Only superusers may
/// choose; others read the server's language, which is English unless somebody changed `lc_messages`.
const ENGLISH: &str =
    "DO $$ BEGIN SET lc_messages = 'C'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// How a dead peer is noticed, in seconds: without this, a connection to a host that is gone waits for a quarter of an
/// hour. What the URL says itself stands.
const PEER: [(&str, u32); 4] = [
    ("keepalives_idle", 10),
    ("keepalives_interval", 5),
    ("keepalives_retries", 3),
    ("tcp_user_timeout", 15),
];

fn with_keepalives(url: &str) -> String {
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let said = PEER.iter().filter(|(name, _)| is_url && !url.contains(&format!("{name}=")));
    said.fold(url.to_owned(), |url, (name, seconds)| {
        let mark = if url.contains('?') { '&' } else { '?' };
        format!("{url}{mark}{name}={seconds}")
    })
}

impl Db {
    /// A pool; no connection is made yet.
    ///
    /// # Errors
    /// When the pool cannot be built from the configuration.
    pub fn new(config: &DbConfig) -> Result<Self, BuildError> {
        // Statements here are short, but those over sets of questions look long to the planner: compiling them would take
        // longer than running them.
        let session = format!(
            "SET statement_timeout = {0}; SET lock_timeout = {0}; SET idle_in_transaction_session_timeout = {1}; \
             SET timezone = 'UTC'; SET jit = off; {ENGLISH}",
            config.statement_timeout.as_millis(),
            config.statement_timeout.as_millis() * 2,
        );
        let mut manager = ManagerConfig::default();
        // A check of its own before each use would add a round trip to every request.
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |url| {
            let (url, session) = (url.to_owned(), session.clone());
            async move {
                let mut conn = AsyncPgConnection::establish(&url).await?;
                conn.batch_execute(&session)
                    .await
                    .map_err(diesel::result::ConnectionError::CouldntSetupConfiguration)?;
                Ok(conn)
            }
            .boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config(with_keepalives(&config.url), manager);
        let pool = Pool::builder(manager)
            .max_size(config.pool_size)
            .wait_timeout(Some(config.statement_timeout))
            .create_timeout(Some(config.statement_timeout))
            .runtime(deadpool::Runtime::Tokio1)
            .build()?;
        Ok(Self(pool))
    }

    /// A connection of the pool.
    ///
    /// # Errors
    /// When none can be had in time.
    pub async fn get(&self) -> Result<Conn, DbUnavailable> {
        Ok(Conn(Some(self.0.get().await?)))
    }

    /// Asks PostgreSQL for nothing, to see whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        self.get().await?.batch_execute("SELECT 1").await
    }

    /// Connections in use and connections open, for the metrics.
    pub fn usage(&self) -> (usize, usize) {
        let status = self.0.status();
        (status.size.saturating_sub(status.available), status.size)
    }
}

/// A pooled connection. Dropped in mid-transaction it is closed at once, so that PostgreSQL rolls back and frees its
/// locks; it would otherwise lie idle in transaction until its next use.
pub struct Conn(Option<Object<AsyncPgConnection>>);

impl Deref for Conn {
    type Target = AsyncPgConnection;

    #[expect(clippy::expect_used, reason = "the connection is taken in drop only")]
    fn deref(&self) -> &Self::Target {
        self.0.as_ref().expect("present until drop")
    }
}

impl DerefMut for Conn {
    #[expect(clippy::expect_used, reason = "the connection is taken in drop only")]
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.as_mut().expect("present until drop")
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        let Some(mut object) = self.0.take() else { return };
        let conn = &mut *object;
        // Broken: a BEGIN, COMMIT or ROLLBACK was in flight when its future was dropped.
        let broken = AnsiTransactionManager::is_broken_transaction_manager(conn);
        let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
        let at_rest = !broken
            && matches!(status, TransactionManagerStatus::Valid(status) if status.transaction_depth().is_none());
        if !at_rest {
            drop(Object::take(object));
        }
    }
}

/// The name of the constraint that said no, if that is why the statement failed.
pub fn violated_constraint(error: &diesel::result::Error) -> Option<&str> {
    match error {
        diesel::result::Error::DatabaseError(_, information) => information.constraint_name(),
        _ => None,
    }
}

/// What a query fails with.
pub use diesel::result::Error as DatabaseError;

/// Whether the same again will probably do: no connection was free, or PostgreSQL ended the transaction because it and
/// others stood in each other's way (40001, 40P01). Nothing was written.
pub fn is_passing(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DatabaseError::DatabaseError(_, information) => information.message().contains("deadlock detected"),
        DatabaseError::QueryBuilderError(error) => error.is::<DbUnavailable>(),
        _ => false,
    }
}

/// Whether PostgreSQL ended the statement because it took, or waited for a lock, too long.
pub fn is_timeout(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::DatabaseError(_, information) => {
            let message = information.message();
            message.contains("statement timeout") || message.contains("lock timeout")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_peer_is_noticed_unless_the_url_says_otherwise() {
        for (url, expected) in [
            (
                "postgres://u@h/d",
                "postgres://u@h/d?keepalives_idle=10&keepalives_interval=5&keepalives_retries=3&tcp_user_timeout=15",
            ),
            (
                "postgresql://h/d?sslmode=disable&keepalives_idle=60&tcp_user_timeout=0",
                "postgresql://h/d?sslmode=disable&keepalives_idle=60&tcp_user_timeout=0&keepalives_interval=5&keepalives_retries=3",
            ),
            ("host=/run/postgresql dbname=d", "host=/run/postgresql dbname=d"),
        ] {
            assert_eq!(with_keepalives(url), expected);
        }
    }
    #[test]
    fn what_will_do_when_it_is_tried_again_is_told_apart() {
        let said = |kind, message: &str| DatabaseError::DatabaseError(kind, Box::new(message.to_owned()));
        let exhausted = DbUnavailable(PoolError::Timeout(deadpool::managed::TimeoutType::Wait));
        for (error, passes) in [
            (exhausted.into(), true),
            (said(DatabaseErrorKind::SerializationFailure, "x"), true),
            (said(DatabaseErrorKind::Unknown, "deadlock detected"), true),
            (said(DatabaseErrorKind::Unknown, "canceling statement due to lock timeout"), false),
            (said(DatabaseErrorKind::UniqueViolation, "x"), false),
            (DatabaseError::NotFound, false),
        ] {
            assert_eq!(is_passing(&error), passes, "{error}");
        }
    }
}

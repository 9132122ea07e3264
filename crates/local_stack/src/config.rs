//! What a stack is asked for.

use std::path::PathBuf;

/// How to start a [`LocalStack`](crate::LocalStack).
#[derive(Debug, Clone)]
pub struct StackConfig {
    /// Where the servers keep everything; created when missing.
    pub data_dir: PathBuf,
    /// PostgreSQL's port; chosen once and remembered in the folder when `None`.
    pub pg_port: Option<u16>,
    /// Redis' port; chosen once and remembered in the folder when `None`.
    pub redis_port: Option<u16>,
    /// Whether a power cut may cost nothing; false turns off every sync, for tests.
    pub durable: bool,
    /// Whether to throw away the databases of earlier starts.
    pub fresh: bool,
    /// PostgreSQL's `max_connections`.
    pub max_connections: u16,
    /// A PostgreSQL that exists already: it is used, and none is started.
    pub database_url: Option<String>,
    /// A Redis that exists already: it is used, and none is started.
    pub redis_url: Option<String>,
}

impl StackConfig {
    /// Servers whose data is kept.
    pub fn durable(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            pg_port: None,
            redis_port: None,
            durable: true,
            fresh: false,
            max_connections: 100,
            database_url: None,
            redis_url: None,
        }
    }

    /// Servers for tests: fast, with room for many test processes at once, worth nothing after a power cut.
    pub fn for_tests(data_dir: PathBuf) -> Self {
        Self { durable: false, max_connections: 300, ..Self::durable(data_dir) }
    }

    /// What `refero up` uses: the folder `REFERO_DATA_DIR` (default `./data`); `DATABASE_URL` and `REDIS_URL`
    /// take the place of the private servers.
    ///
    /// # Errors
    /// When a variable is not Unicode.
    pub fn from_env() -> anyhow::Result<Self> {
        let data_dir = env::var("REFERO_DATA_DIR")?.map_or_else(|| PathBuf::from("data"), PathBuf::from);
        let (database_url, redis_url) = (env::var("DATABASE_URL")?, env::var("REDIS_URL")?);
        Ok(Self { database_url, redis_url, ..Self::durable(data_dir) })
    }
}

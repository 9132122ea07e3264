//! Both servers together.

use anyhow::Context;

use crate::folder::Folder;
use crate::postgres::Postgres;
use crate::redis::Redis;
use crate::settings::Settings;
use crate::{StackConfig, programs};

/// A running PostgreSQL and Redis. Dropping it stops them as [`LocalStack::stop`] does, but tells no errors.
pub struct LocalStack {
    /// `postgres://..`, of a superuser and an empty database when the server is ours.
    pub database_url: String,
    /// `redis://..`.
    pub redis_url: String,
    // In the order in which they are dropped: the folder is let go last.
    redis: Option<Redis>,
    postgres: Option<Postgres>,
    _folder: Option<Folder>,
}

impl LocalStack {
    /// Starts what `config` does not name as existing, installing the programs that are missing. Blocks for about
    /// half a second, two more the first time, longer for an installation or a recovery.
    ///
    /// # Errors
    /// When a program is missing and cannot be installed, when the folder is in use or not ours, or when a server
    /// does not come up (with the end of its log).
    pub fn start(config: &StackConfig) -> anyhow::Result<Self> {
        if let (Some(database_url), Some(redis_url)) = (&config.database_url, &config.redis_url) {
            let (database_url, redis_url) = (database_url.clone(), redis_url.clone());
            return Ok(Self { database_url, redis_url, redis: None, postgres: None, _folder: None });
        }
        // Before the folder: the package creates the user that shall own it.
        let postgres_bin = config.database_url.is_none().then(programs::postgres).transpose()?;
        let redis_server = config.redis_url.is_none().then(programs::redis).transpose()?;
        let folder = Folder::hold(&config.data_dir)?;
        let before = Settings::read(&folder.path)?;
        if let Some(bin) = &postgres_bin {
            Postgres::stop_stale(&folder, bin)?;
        }
        if let (Some(_), Some(before)) = (&redis_server, &before) {
            Redis::stop_stale(before)?;
        }
        let settings = Settings::settle(&folder.path, config, before.as_ref())?;
        let postgres = postgres_bin
            .map(|bin| {
                Postgres::start(&folder, &bin, &settings, config).context("start the private PostgreSQL")
            })
            .transpose()?;
        let redis = redis_server
            .map(|program| {
                Redis::start(&folder, &program, &settings, config).context("start the private Redis")
            })
            .transpose()?;
        Ok(Self {
            database_url: config.database_url.clone().unwrap_or_else(|| Postgres::url(&settings)),
            redis_url: config.redis_url.clone().unwrap_or_else(|| Redis::url(&settings)),
            redis,
            postgres,
            _folder: Some(folder),
        })
    }

    /// Stops both servers: connections are closed, running transactions rolled back, data is written.
    ///
    /// # Errors
    /// When one of them does not end in time; it is killed then.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let redis = self.redis.take().map_or(Ok(()), Redis::stop);
        let postgres = self.postgres.take().map_or(Ok(()), Postgres::stop);
        redis.and(postgres)
    }
}

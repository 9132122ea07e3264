use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::{
    act::Act,
    clock::Clock,
    db::{Db, DbConfig},
};

use ids::IdSource;

use crate::failure;

/// The database of the instance, and its time: what the tools of an operator need.
pub struct Instance {
    pub db: Db,
    clock: Clock,
}

impl Instance {
    /// The instance that the environment names.
    ///
    /// # Errors
    /// When it is not configured, or cannot be reached.
    pub async fn reach() -> anyhow::Result<Self> {
        let db = Db::new(&failure::config(DbConfig::from_env())?)?;
        let clock = Clock::start(&db).await.context("cannot reach the database")?;
        Ok(Self { db, clock })
    }

    /// An act of the command line.
    ///
    /// # Errors
    /// When the system has no entropy to give.
    pub fn act(&self) -> anyhow::Result<Act> {
        Ok(Act::of_system(self.now(), IdSource::from_system()?))
    }

    /// The time, by the database's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

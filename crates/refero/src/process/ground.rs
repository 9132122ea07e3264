use std::sync::Arc;

use anyhow::{Context, ensure};
use api::{
    auth::Gate,
    http::{Limiter, Metrics},
    live::Live,
};
use documents::{SigningKeys, VerifyingKey};
use domain::{
    act::Act,
    clock::Clock,
    db::{self, Db},
    users::Passwords,
};
use ids::IdSource;
use jobs::{EmailRenderer, PayPalNews};
use queue::Wake;

use crate::{config::Config, edge::Edge};

/// What every part of a process leans on.
pub struct Ground {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub ids: IdSource,
}

/// What verifies statements: nothing if they are not signed.
fn verifying_keys(config: &Config) -> Vec<VerifyingKey> {
    config.signing_keys.as_deref().map(SigningKeys::verifying_keys).unwrap_or_default()
}

impl Ground {
    /// Connects, and sees to it that the database has the schema of this binary.
    ///
    /// # Errors
    /// When PostgreSQL does not answer or migrations are pending.
    pub async fn prepare(config: Config) -> anyhow::Result<Self> {
        let pending = db::pending_migrations(&config.db.url).await?;
        ensure!(
            pending.is_empty(),
            "the database lacks {} migrations of this binary; run `refero migrate`, then start again",
            pending.len()
        );
        let db = Db::new(&config.db)?;
        let clock = Clock::start(&db).await.context("cannot reach the database")?;
        let ids = IdSource::from_system().context("the system has no entropy to give")?;
        Ok(Self { config, db, clock, ids })
    }

    /// What the API is put together from.
    ///
    /// # Errors
    /// When Redis' address cannot be read or argon2 refuses its parameters.
    pub fn edge(
        &self,
        renderer: EmailRenderer,
        wake: Arc<dyn Wake>,
        live: Arc<Live>,
        metrics: Metrics,
    ) -> anyhow::Result<Edge> {
        let config = &self.config;
        Ok(Edge {
            config: config.http.clone(),
            db: self.db.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            gate: Gate {
                passwords: Passwords::new(config.passwords)?,
                secrets: config.secrets.clone(),
                limiter: Limiter::with_redis(&config.workers.redis_url, &config.workers.redis_prefix)?,
                registration: config.registration,
                invites_per_day: config.invites_per_day,
                rate_hosts: config.rate_hosts.clone(),
                vault: config.vault.clone(),
                statement_keys: verifying_keys(config),
            },
            wake,
            renderer,
            live,
            metrics,
            news: PayPalNews::of(&config.providers, &self.db, &self.clock, &self.ids),
        })
    }

    /// An act of Refero itself, now.
    pub fn act(&self) -> Act {
        Act::of_system(self.clock.now(), self.ids.clone())
    }
}

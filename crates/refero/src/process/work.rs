use api::http::Metrics;
use domain::db::{Db, DbConfig};
use jobs::{EmailRenderer, Outside, Workers};
use mailer::Mailer;

use super::ground::Ground;

/// The connections that the loops of the workers keep, and one to spare.
pub const LOOPS: usize = 6;

/// What emails are written with: for sending, and for those who look at them.
///
/// # Errors
/// When the mailer's configuration cannot be used.
pub fn renderer(ground: &Ground) -> anyhow::Result<EmailRenderer> {
    let config = &ground.config;
    let mailer = Mailer::from_config(config.mailer.clone())?;
    Ok(EmailRenderer::new(mailer, config.secrets.clone(), config.http.public_url.origin()))
}

/// Starts the workers, on connections of their own: an API in full use must not hold up leases.
///
/// # Errors
/// When PostgreSQL does not answer or Redis' address cannot be read.
pub async fn start(ground: &Ground, renderer: EmailRenderer, metrics: &Metrics) -> anyhow::Result<Workers> {
    let workers = ground.config.workers.clone();
    let pool_size = workers.slots + LOOPS;
    let db = Db::new(&DbConfig { pool_size, ..ground.config.db.clone() })?;
    let config = &ground.config;
    let outside = Outside {
        renderer,
        hosts: config.rate_hosts.clone(),
        vault: config.vault.clone(),
        providers: config.providers.clone(),
    };
    let registry = jobs::handlers(&db, &ground.clock, &ground.ids, outside);
    let workers = Workers::start(
        workers,
        db,
        ground.clock.clone(),
        ground.ids.clone(),
        registry,
        Some(|conn, now, ids| Box::pin(domain::subscribers::sequence(conn, now, ids))),
    )
    .await?;
    metrics.register(|registry| workers.metrics().register(registry));
    Ok(workers)
}

use api::http::Probe;
use tokio_util::sync::CancellationToken;

use super::ground::Ground;

/// What `/health/ready` asks: not while the process ends, not without PostgreSQL; Redis is told, and may be away.
pub fn probes(ground: &Ground, shutdown: &CancellationToken) -> Vec<Probe> {
    let (db, shutdown) = (ground.db.clone(), shutdown.clone());
    let redis_url = ground.config.workers.redis_url.clone();
    vec![
        Probe::vital("running", move || {
            let is_ending = shutdown.is_cancelled();
            async move {
                anyhow::ensure!(!is_ending, "the process is ending");
                Ok(())
            }
        }),
        Probe::vital("postgresql", move || {
            let db = db.clone();
            async move { Ok(db.ping().await?) }
        }),
        Probe::helpful("redis", move || {
            let redis_url = redis_url.clone();
            async move {
                let client = redis::Client::open(redis_url)?;
                let mut connection = client.get_multiplexed_async_connection().await?;
                redis::cmd("PING").exec_async(&mut connection).await?;
                Ok(())
            }
        }),
    ]
}

use std::process::ExitCode;

use crate::{
    config::Config,
    process::{self, Ground, Listeners},
    signals,
};

/// Serves the API until a signal comes; `with_workers` also runs the jobs of all queues.
pub fn run(with_workers: bool) -> anyhow::Result<ExitCode> {
    let config = Config::from_env()?;
    config.log.start()?;
    super::block_on(async {
        let shutdown = signals::shutdown()?;
        let listeners = Listeners::bind(&config.http, true).await?;
        let ground = Ground::prepare(config).await?;
        tracing::info!(url = ground.config.http.public_url.origin(), with_workers, "serving");
        process::run(ground, listeners, with_workers, shutdown).await?;
        Ok(ExitCode::SUCCESS)
    })
}

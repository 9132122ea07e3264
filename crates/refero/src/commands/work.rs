use std::process::ExitCode;

use crate::{
    config::Config,
    failure,
    process::{self, Ground, Listeners},
    signals,
};

/// Runs jobs until a signal comes, of the queues named or of all.
pub fn run(queues: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut config = Config::from_env()?;
    if let Some(names) = queues {
        config.workers = failure::config(config.workers.only(names))?;
    }
    config.log.start()?;
    super::block_on(async {
        let shutdown = signals::shutdown()?;
        let listeners = Listeners::bind(&config.http, false).await?;
        let ground = Ground::prepare(config).await?;
        tracing::info!(queues = queues.unwrap_or("all"), "working");
        process::run(ground, listeners, true, shutdown).await?;
        Ok(ExitCode::SUCCESS)
    })
}

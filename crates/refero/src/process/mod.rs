//! What a process is made of, and how it starts and ends.

mod figures;
mod ground;
mod listeners;
mod probes;
mod work;

use std::{sync::Arc, time::Duration};

use api::{
    http::{Metrics, Sockets, operations_router, serve, serve_api},
    live::{Live, Pace},
};
use jobs::{RedisWake, hear_of_events};
use tokio_util::sync::CancellationToken;

pub use ground::Ground;
pub use listeners::Listeners;
pub use work::LOOPS;

/// How long jobs may go on once the process is asked to end; answers under way have a limit of their own, as long.
const DRAIN: Duration = Duration::from_secs(20);

/// Does the duties of a process until `shutdown`, then ends them: no new connection and no new job, and what is under way
/// is brought to its end. With a listener for the API it serves, and if it `works` it runs jobs.
///
/// # Errors
/// When a part cannot be started.
pub async fn run(
    ground: Ground,
    listeners: Listeners,
    works: bool,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let metrics = Metrics::new();
    let renderer = work::renderer(&ground)?;
    let workers = match works {
        true => Some(work::start(&ground, renderer.clone(), &metrics).await?),
        false => None,
    };
    let wake: Arc<dyn queue::Wake> = match &workers {
        Some(workers) => workers.wake(),
        None => {
            let config = &ground.config.workers;
            Arc::new(RedisWake::new(&config.redis_url, &config.redis_prefix)?)
        }
    };
    figures::show_pool(&metrics, &ground.db);
    let queues = figures::Queues::shown_in(&metrics);
    let operations_end = CancellationToken::new();
    let operations = tokio::spawn(serve(
        listeners.operations,
        operations_router(probes::probes(&ground, &shutdown), metrics.clone()),
        Sockets::default(),
        operations_end.clone(),
    ));
    let api = async {
        let Some(listener) = listeners.api else {
            shutdown.cancelled().await;
            return Ok(());
        };
        let live = Live::new(&ground.db, &ground.clock, Pace::default());
        figures::show_hub(&metrics, &live.hub);
        let config = &ground.config.workers;
        let hearing = hear_of_events(&config.redis_url, &config.redis_prefix, live.hub.clone())?;
        let app = ground.edge(renderer, wake, live, metrics)?.build();
        tokio::select! {
            () = serve_api(listener, app, Sockets::default(), shutdown.clone()) => {}
            () = hearing => {}
        }
        anyhow::Ok(())
    };
    let jobs = async {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = queues.keep_counted(&ground.db, &ground.clock, workers.as_ref()) => {}
        }
        if let Some(workers) = workers
            && workers.drain(DRAIN).await
        {
            tracing::info!("no job is under way any more");
        }
    };
    let (served, ()) = tokio::join!(api, jobs);
    operations_end.cancel();
    operations.await?;
    served
}

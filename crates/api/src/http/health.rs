use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::metrics::Metrics;

/// A probe that takes longer counts as failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Something that this process leans on, asked at every look at `/health/ready`.
#[derive(Clone)]
pub struct Probe {
    name: &'static str,
    is_vital: bool,
    check: Arc<dyn Fn() -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>,
}

impl Probe {
    /// Without it the process is not ready: PostgreSQL, current migrations.
    pub fn vital<F>(name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { name, is_vital: true, check: Arc::new(move || Box::pin(check())) }
    }

    /// Without it the process works less well, and is ready all the same: Redis.
    pub fn helpful<F>(name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { is_vital: false, ..Self::vital(name, check) }
    }

    /// Why it fails stands in the log; whoever reads the port learns only that it does.
    async fn is_well(&self) -> bool {
        let failure = match timeout(PATIENCE, (self.check)()).await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => format!("{error:#}"),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(probe = self.name, failure, "a health probe failed");
        false
    }
}

/// `/health/live`, `/health/ready` and `/metrics`, for a port that is not public.
pub fn operations_router(probes: Vec<Probe>, metrics: Metrics) -> Router {
    Router::new()
        .route("/health/live", get(|| async { Json(json!({ "live": true })) }))
        .route("/health/ready", get(ready))
        .with_state(Arc::<[Probe]>::from(probes))
        .route("/metrics", get(exposition).with_state(metrics))
}

async fn ready(State(probes): State<Arc<[Probe]>>) -> impl IntoResponse {
    let results = join_all(probes.iter().map(Probe::is_well)).await;
    let is_ready = probes.iter().zip(&results).all(|(probe, is_well)| *is_well || !probe.is_vital);
    let word = |is_well: bool| Value::from(if is_well { "ok" } else { "failing" });
    let checks: Map<_, _> =
        probes.iter().zip(results).map(|(probe, is_well)| (probe.name.to_owned(), word(is_well))).collect();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": is_ready, "checks": checks })))
}

async fn exposition(State(metrics): State<Metrics>) -> impl IntoResponse {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], metrics.render())
}

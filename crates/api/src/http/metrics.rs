use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
    },
    registry::Registry,
};

use super::{edge::OperationKind, live::figures::LiveFigures};

/// The figures of one process, as Prometheus reads them. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Mutex<Registry>,
    requests: Family<Answered, Counter>,
    durations: Family<Operation, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    live: LiveFigures,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: &'static str,
    status: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

/// A figure that someone else keeps and that is asked for at each scrape, such as idle connections of a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Metric name with its unit, such as `db_pool_idle_connections`.
    pub name: &'static str,
    /// What it means, without a full stop.
    pub help: &'static str,
    /// Now.
    pub value: f64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// A registry with the figures of the HTTP edge; every name starts with `refero_`.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("refero");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", Family::clone(&requests));
        let durations: Family<Operation, Histogram, fn() -> Histogram> = Family::new_with_constructor(|| {
            Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
        });
        registry.register("http_request_duration_seconds", "From request line to answer", durations.clone());
        let in_flight = Gauge::default();
        registry.register("http_requests_in_flight", "Requests being answered", in_flight.clone());
        let live = LiveFigures::default();
        live.register(&mut registry);
        Self(Arc::new(Inner { registry: Mutex::new(registry), requests, durations, in_flight, live }))
    }

    /// Adds metrics of another part of the process.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.0.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Adds figures that are asked for at each scrape.
    pub fn register_figures(&self, figures: impl Fn() -> Vec<Figure> + Send + Sync + 'static) {
        self.register(|registry| registry.register_collector(Box::new(Figures(figures))));
    }

    /// The exposition in the OpenMetrics text format.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String fails only if a collector does; what is there by then is still worth reading.
        if encode(&mut text, &registry).is_err() {
            tracing::error!("a metric could not be written");
        }
        text
    }

    /// What stays open.
    pub(crate) fn live(&self) -> &LiveFigures {
        &self.0.live
    }

    /// Counts a request as in flight until the guard is dropped, which happens also when its client leaves.
    pub(crate) fn request_started(&self) -> InFlight {
        self.0.in_flight.inc();
        InFlight(self.0.in_flight.clone())
    }

    pub(crate) fn request_answered(&self, status: StatusCode, kind: OperationKind, took: Duration) {
        let operation = match kind {
            OperationKind::Query => "query",
            OperationKind::Mutation => "mutation",
            OperationKind::Subscription => "subscription",
            OperationKind::None => "none",
        };
        self.0.requests.get_or_create(&Answered { operation, status: u32::from(status.as_u16()) }).inc();
        self.0.durations.get_or_create(&Operation { operation }).observe(took.as_secs_f64());
    }
}

pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

struct Figures<F>(F);

impl<F> fmt::Debug for Figures<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Figures")
    }
}

impl<F: Fn() -> Vec<Figure> + Send + Sync + 'static> Collector for Figures<F> {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        for figure in (self.0)() {
            let gauge = ConstGauge::new(figure.value);
            gauge.encode(encoder.encode_descriptor(
                figure.name,
                figure.help,
                None,
                gauge.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};

use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

type OfKind = [(&'static str, &'static str); 1];
type OfEnd = [(&'static str, &'static str); 2];

/// What this process has done: handler durations and ends, per kind. Clones share the figures.
#[derive(Clone)]
pub struct JobMetrics {
    durations: Family<OfKind, Histogram, fn() -> Histogram>,
    ends: Family<OfEnd, Counter>,
    tally: Arc<Mutex<Tally>>,
}

/// What has not been written down yet, for throughput and for the sight of a worker.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Jobs that ended for good, by kind.
    pub ended: BTreeMap<&'static str, u64>,
    /// When a job was claimed last.
    pub claimed_at: Option<DateTime<Utc>>,
}

/// 1 ms to 65 s.
fn buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 17))
}

impl Default for JobMetrics {
    fn default() -> Self {
        Self {
            durations: Family::new_with_constructor(buckets),
            ends: Family::default(),
            tally: Arc::default(),
        }
    }
}

impl JobMetrics {
    /// Adds the figures to what `/metrics` shows.
    pub fn register(&self, registry: &mut Registry) {
        let durations = self.durations.clone();
        registry.register("job_duration_seconds", "How long handlers worked, per slice", durations);
        registry.register("job_ended", "Runs by how they ended", self.ends.clone());
    }

    pub(crate) fn took(&self, kind: &'static str, duration: Duration) {
        self.durations.get_or_create(&[("kind", kind)]).observe(duration.as_secs_f64());
    }

    pub(crate) fn claimed(&self, now: DateTime<Utc>) {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).claimed_at = Some(now);
    }

    /// The ends since the last time, and the last claim ever.
    pub(crate) fn take_tally(&self) -> Tally {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        Tally { ended: std::mem::take(&mut tally.ended), claimed_at: tally.claimed_at }
    }

    pub(crate) fn ended(&self, kind: &'static str, how: &'static str, jobs: usize) {
        if matches!(how, "done" | "dead" | "superseded") {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            *tally.ended.entry(kind).or_default() += jobs as u64;
        }
        self.ends.get_or_create(&[("kind", kind), ("outcome", how)]).inc_by(jobs as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_per_kind() {
        let metrics = JobMetrics::default();
        metrics.took("emails.send", Duration::from_millis(3));
        metrics.ended("emails.send", "done", 2);
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("job_ended_total{kind=\"emails.send\",outcome=\"done\"} 2"), "{text}");
        assert!(text.contains("job_duration_seconds_bucket{le=\"0.004\",kind=\"emails.send\"} 1"), "{text}");
    }
}

//! Medians and percentiles.

use std::time::Duration;

/// The middle value; of an even number the lower one of the two. 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// The least and the greatest value.
pub fn range(values: &[f64]) -> (f64, f64) {
    let fold = |(least, most): (f64, f64), value: &f64| (least.min(*value), most.max(*value));
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), fold)
}

/// In milliseconds: half of the values, and 99 of 100, are not longer.
#[derive(Debug, Clone, Copy)]
pub struct Percentiles {
    pub p50: f64,
    pub p99: f64,
}

/// The percentiles of some durations; 0 of none.
pub fn percentiles(durations: &[Duration]) -> Percentiles {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let at = |share: usize| {
        let index = (sorted.len() * share).div_ceil(100).saturating_sub(1);
        sorted.get(index).map_or(0.0, |duration| duration.as_secs_f64() * 1_000.0)
    };
    Percentiles { p50: at(50), p99: at(99) }
}

/// How many there were per second.
pub fn per_second(number: usize, elapsed: Duration) -> f64 {
    number as f64 / elapsed.as_secs_f64()
}

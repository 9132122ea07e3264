use std::path::PathBuf;

use clap::Parser;

/// How long and what to measure. The defaults are those of docs/BENCHMARKS.md.
#[derive(Parser)]
pub struct Options {
    /// Rounds; each measures every contestant once, in the same order
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Seconds of load in one measurement
    #[arg(long, default_value_t = 8)]
    pub seconds: u64,
    /// Clients at once, ours and pgbench's
    #[arg(long, default_value_t = 16)]
    pub clients: usize,
    /// Jobs of one measurement of W4
    #[arg(long, default_value_t = 50_000)]
    pub jobs: usize,
    /// Backlogs that W4 is drained from once more, to see whether its rate depends on them
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,200000")]
    pub backlogs: Vec<usize>,
    /// Only w3 or w4
    #[arg(long)]
    pub only: Option<String>,
    /// Where the measurements are written as Markdown, between the marks of docs/BENCHMARKS.md
    #[arg(long)]
    pub write: Option<PathBuf>,
    /// Cargo says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// Whether this workload is asked for.
    pub fn runs(&self, workload: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only.eq_ignore_ascii_case(workload))
    }
}

use std::{path::PathBuf, time::Duration};

use anyhow::bail;
use clap::{Parser, ValueEnum};

/// All workloads, in the order in which they run: what needs the quietest machine first.
const ALL: [&str; 10] = ["w10", "w9", "w4", "w3", "w6", "w13", "w7", "w2", "w1", "w12"];

/// How long and what to measure. The defaults are those of docs/BENCHMARKS.md.
#[derive(Parser)]
pub struct Options {
    /// Rounds; each measures every contestant once, in the same order
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Seconds of load in one measurement
    #[arg(long, default_value_t = 4)]
    pub seconds: u64,
    /// Clients at once, ours and pgbench's
    #[arg(long, default_value_t = 16)]
    pub clients: usize,
    /// Jobs of one measurement of W4
    #[arg(long, default_value_t = 50_000)]
    pub jobs: usize,
    /// Backlogs that W4 is drained from once more, to see whether its rate depends on them
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000")]
    pub backlogs: Vec<usize>,
    /// Invites of one round of W9, in calls of 500
    #[arg(long, default_value_t = 10_000)]
    pub invites: usize,
    /// Sales of the larger account of W1
    #[arg(long, default_value_t = 1_000_000)]
    pub sales: u64,
    /// Rewards that W6 pays
    #[arg(long, default_value_t = 1_000_000)]
    pub paid_rewards: u64,
    /// Partners that W6 pays them to
    #[arg(long, default_value_t = 10_000)]
    pub paid_partners: u64,
    /// Subscribers of W7
    #[arg(long, default_value_t = 1_000)]
    pub subscribers: usize,
    /// Finished jobs that W12 looks through
    #[arg(long, default_value_t = 10_000_000)]
    pub finished_jobs: u64,
    /// Recorded sales that the writer of W13 computes
    #[arg(long, default_value_t = 100_000)]
    pub drained_sales: usize,
    /// Recorded sales that W13 runs other terms over
    #[arg(long, default_value_t = 1_000_000)]
    pub simulated_sales: usize,
    /// Only these workloads, such as w3,w4
    #[arg(long, value_delimiter = ',', value_parser = known)]
    only: Vec<String>,
    /// Minutes after which a workload is given up
    #[arg(long, default_value_t = 12)]
    minutes: u64,
    /// Where the measurements are written as Markdown, between the marks of docs/BENCHMARKS.md
    #[arg(long)]
    pub write: Option<PathBuf>,
    /// Be the server of W10
    #[arg(long, hide = true)]
    pub engine: Option<Limits>,
    /// Cargo says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// Where the server of W10 counts what its clients spend.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Limits {
    /// In the process.
    Local,
    /// In Redis, as the product does.
    Shared,
}

impl Options {
    /// What is asked for.
    pub fn workloads(&self) -> Vec<&'static str> {
        let is_asked_for = |name: &&str| self.only.is_empty() || self.only.iter().any(|only| only == name);
        ALL.into_iter().filter(is_asked_for).collect()
    }

    /// How long a workload may take.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.minutes * 60)
    }
}

fn known(name: &str) -> anyhow::Result<String> {
    let name = name.to_lowercase();
    if ALL.contains(&name.as_str()) {
        return Ok(name);
    }
    bail!("known are {}", ALL.join(", "))
}

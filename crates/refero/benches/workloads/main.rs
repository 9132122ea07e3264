//! The workloads W3 and W4 on the servers that `cargo xtask bench` starts: beside pgbench with the same SQL, on the same
//! PostgreSQL, in the same run, in turns. What is compared is ratios; docs/BENCHMARKS.md explains.

mod client;
mod figures;
mod graphile;
mod ground;
mod load;
mod machine;
mod options;
mod pgbench;
mod report;
mod seed;
mod server;
mod w3;
mod w4;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::{ground::Ground, machine::Machine, options::Options, report::Report};

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The sentence alone, as the product does it.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(options: &Options) -> anyhow::Result<()> {
    let ground = Ground::from_env().await?;
    let mut report = Report::new(options);
    report.machine(&Machine::measure(&ground, options).await?);
    if options.runs("w4") {
        report.w4(&w4::run(&ground, options).await?);
    }
    if options.runs("w3") {
        report.w3(&w3::run(&ground, options).await?);
    }
    report.finish(options)
}

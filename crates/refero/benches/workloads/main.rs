//! The workloads on the servers that `cargo xtask bench` starts: each beside its physical limit and its peer, on the same
//! PostgreSQL and Redis, in the same run, in turns. What is compared is ratios; docs/BENCHMARKS.md explains.

mod client;
mod contest;
mod figures;
mod ground;
mod machine;
mod options;
mod peer;
mod pgbench;
mod press;
mod report;
mod sale;
mod seed;
mod server;
mod table;
mod w1;
mod w10;
mod w12;
mod w13;
mod w2;
mod w3;
mod w4;
mod w6;
mod w7;
mod w9;

use std::{process::ExitCode, time::Instant};

use anyhow::ensure;
use clap::Parser;

use mimalloc::MiMalloc;

use crate::{ground::Ground, machine::Machine, options::Options, report::Report, table::Table};

/// As the product has it: this program is the server of W10.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match options.engine {
        Some(limits) => w10::serve(limits),
        None => run(&options),
    };
    match done {
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
    let mut failed = Vec::new();
    for workload in options.workloads() {
        let begun = Instant::now();
        // One that fails or hangs costs its own figures, not those of the others.
        match tokio::time::timeout(options.limit(), measure(workload, &ground, options)).await {
            Ok(Ok(table)) => report.table(&table),
            Ok(Err(error)) => {
                eprintln!("{workload} was not measured: {error:#}");
                failed.push(workload);
            }
            Err(_) => {
                eprintln!("{workload} was given up after {} s", options.limit().as_secs());
                failed.push(workload);
            }
        }
        ground.forget().await?;
        println!("{workload} took {:.0} s\n", begun.elapsed().as_secs_f64());
        // What there is stays, should a later one not come to its end.
        report.write(options, &failed)?;
    }
    report.print();
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

async fn measure(workload: &str, ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    match workload {
        "w1" => w1::run(ground, options).await,
        "w2" => w2::run(ground, options).await,
        "w3" => w3::run(ground, options).await,
        "w4" => w4::run(ground, options).await,
        "w6" => w6::run(ground, options).await,
        "w7" => w7::run(ground, options).await,
        "w9" => w9::run(ground, options).await,
        "w10" => w10::run(ground, options).await,
        "w12" => w12::run(ground, options).await,
        "w13" => w13::run(ground, options).await,
        other => anyhow::bail!("there is no workload {other}"),
    }
}

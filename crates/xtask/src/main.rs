#![doc = include_str!("../README.md")]

mod bench;
mod cargo;
mod db;
mod doctests;
#[cfg(test)]
mod laws;
mod psql;
mod schema;
mod servers;
mod steps;
mod test;
mod up;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What a person types in this workspace")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and run the whole product on private servers, until Ctrl-C
    Up {
        /// Optimise: slow to build, fast to run
        #[arg(long)]
        release: bool,
        /// Load no demo
        #[arg(long)]
        empty: bool,
        /// For `refero up`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Formatting, clippy, generated files, every test and real clients, on private servers
    Test {
        /// For the test runner, such as `-p queue`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Real clients and a browser against the product: the part of `test` that needs Node.js, alone
    Clients,
    /// Measure the workloads beside pgbench, optimised, on durable private servers
    Bench {
        /// For the measurements, such as `--only w4` or `--write docs/BENCHMARKS.md`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Keep the tests' servers in the foreground, for running tests by hand
    Db,
    /// Write crates/{domain,queue}/src/schema.rs from the migrations
    Schema {
        /// Change nothing; fail if the files differ from what the migrations make
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Up { release, empty, args } => up::run(release, empty, &args),
        Task::Test { args } => return test::run(&args),
        Task::Clients => web::clients(),
        Task::Bench { args } => bench::run(&args),
        Task::Db => db::run(),
        Task::Schema { check } => schema::run(check),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The sentence alone: what fails here is a tool or a file, and a backtrace would hide it.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

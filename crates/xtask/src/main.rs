#![doc = include_str!("../README.md")]

mod psql;
mod schema;
mod workspace;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What a person types in this workspace")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write crates/{domain,queue}/src/schema.rs from the migrations
    Schema {
        /// Change nothing; fail if the files differ from what the migrations make
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Schema { check } => schema::run(check),
    }
}

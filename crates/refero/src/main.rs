use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use refero::{cli::Cli, commands, failure};

/// Every field of an answer is a future of its own: allocating them by the system took a quarter of a request.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match commands::run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // The sentence alone: who reads it is a person in front of a terminal, or the log of a supervisor.
            eprintln!("error: {error:#}");
            failure::exit_code(&error)
        }
    }
}

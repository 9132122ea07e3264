use std::process::ExitCode;

use clap::Parser;
use refero::{cli::Cli, commands, failure};

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

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ids::{AccountId, JobId, ProgramId};
use queue::Queue;

use crate::demo::Size;

/// The command line.
#[derive(Parser)]
#[command(
    name = "refero",
    version,
    about = "Affiliate and referral programs: the API, its workers and its tools"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary does.
#[derive(Subcommand)]
pub enum Command {
    /// Run everything on this machine, with a private PostgreSQL and Redis, until Ctrl-C
    Up {
        /// Load no demo
        #[arg(long)]
        empty: bool,
    },
    /// Serve the API
    Serve {
        /// Run the workers of all queues in the same process
        #[arg(long)]
        with_workers: bool,
    },
    /// Run workers
    Work {
        /// Only these queues, such as `rewards,emails`; all if not given
        #[arg(long, value_name = "NAMES")]
        queues: Option<String>,
    },
    /// Bring the database to the schema of this binary
    Migrate,
    /// Print the GraphQL schema
    Schema {
        /// Print nothing; fail if schema.graphql in this folder differs
        #[arg(long)]
        check: bool,
    },
    /// Check what must hold in the database, whatever happened to it
    Verify,
    /// Count anew what a program's tiers, caps, milestones and budget look back on, where `verify` finds it wrong (V14)
    Recount {
        /// `prg_...`
        program: ProgramId,
    },
    /// Look at all that this instance leans on, a line per check with its mend; fail if something does not work
    Doctor {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Load made-up data to look at
    Seed(Seed),
    /// Who operates this instance
    Operator {
        #[command(subcommand)]
        change: OperatorChange,
    },
    /// Single jobs: list those given up, retry, cancel
    Job {
        #[command(subcommand)]
        change: JobChange,
    },
    /// Whole queues: what is in them, pause, resume
    Queue {
        #[command(subcommand)]
        change: QueueChange,
    },
    /// Exchange rates
    Rates {
        #[command(subcommand)]
        change: RatesChange,
    },
    /// Compute the rewards of the histories in a file, one JSON object a line, and print what came out
    Evaluate {
        /// The file; its format is that of the reward vectors
        file: PathBuf,
    },
}

/// Which made-up data, and how much.
#[derive(Args)]
pub struct Seed {
    /// A company with a team, five programs and a year of partners, customers and sales. Nobody is sent an email
    #[arg(long, required = true)]
    pub demo: bool,
    /// The same number at the same time makes the same company
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Load it beside the accounts that the database has
    #[arg(long)]
    pub beside: bool,
    /// Days of history, from 60 on
    #[arg(long, value_name = "N", default_value_t = Size::FULL.days, value_parser = clap::value_parser!(u32).range(60..=1000))]
    pub days: u32,
    /// Partners of all programs
    #[arg(long, value_name = "N", default_value_t = Size::FULL.partners, value_parser = clap::value_parser!(u32).range(20..=2000))]
    pub partners: u32,
    /// Sales of all programs
    #[arg(long, value_name = "N", default_value_t = Size::FULL.sales, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub sales: u32,
}

/// A change to who operates this instance.
#[derive(Subcommand)]
pub enum OperatorChange {
    /// Mark the user with this address as an operator of the instance; the operators' screens come with the first floor
    Add {
        /// Of a user who has registered
        email: String,
    },
}

/// What an operator does with single jobs.
#[derive(Subcommand)]
pub enum JobChange {
    /// List the jobs that were given up last, with their errors
    Dead,
    /// Give a job that was given up all its attempts again
    Retry {
        /// `job_...`
        id: JobId,
    },
    /// End a job that waits
    Cancel {
        /// `job_...`
        id: JobId,
    },
}

/// What an operator does with exchange rates.
#[derive(Subcommand)]
pub enum RatesChange {
    /// Store the reference rates in a file of the European Central Bank (XML or CSV), and those to the currencies of programs
    Import {
        /// Such as `eurofxref-daily.xml`, `eurofxref-hist.xml` or `eurofxref.csv`
        file: PathBuf,
        /// For this account; for all that are in use if not given
        #[arg(long, value_name = "acc_...")]
        account: Option<AccountId>,
    },
}

/// What an operator does with queues.
#[derive(Subcommand)]
pub enum QueueChange {
    /// Show what waits, runs and was given up in each
    List,
    /// Start nothing of it any more; what runs ends
    Pause {
        /// Such as `rewards`
        name: Queue,
    },
    /// Let it go on
    Resume {
        /// Such as `rewards`
        name: Queue,
    },
}

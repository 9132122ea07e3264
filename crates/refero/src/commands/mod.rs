//! One file per subcommand.

mod doctor;
mod evaluate;
mod instance;
mod job;
mod migrate;
mod operator;
mod queue;
mod rates;
mod recount;
mod schema;
mod seed;
mod serve;
mod up;
mod verify;
mod work;

use std::process::ExitCode;

use crate::cli::{Command, JobChange, OperatorChange, QueueChange, RatesChange};

/// Runs a subcommand; the code is what the process ends with.
///
/// # Errors
/// What kept it from doing its work, as a sentence.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up { empty } => up::run(empty),
        Command::Serve { with_workers } => serve::run(with_workers),
        Command::Work { queues } => work::run(queues.as_deref()),
        Command::Migrate => migrate::run(),
        Command::Schema { check } => schema::run(check),
        Command::Verify => verify::run(),
        Command::Recount { program } => recount::run(program),
        Command::Doctor { json } => doctor::run(json),
        Command::Seed(seed) => seed::run(&seed),
        Command::Operator { change: OperatorChange::Add { email } } => operator::add(&email),
        Command::Job { change: JobChange::Dead } => job::dead(),
        Command::Job { change: JobChange::Retry { id } } => job::retry(id),
        Command::Job { change: JobChange::Cancel { id } } => job::cancel(id),
        Command::Queue { change: QueueChange::List } => queue::list(),
        Command::Queue { change: QueueChange::Pause { name } } => queue::pause(name),
        Command::Queue { change: QueueChange::Resume { name } } => queue::resume(name),
        Command::Rates { change: RatesChange::Import { file, account } } => rates::import(&file, account),
        Command::Evaluate { file } => evaluate::run(&file),
    }
}

/// Runs async work to its end, on as many threads as there are cores.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

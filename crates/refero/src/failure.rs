use std::{fmt, process::ExitCode};

/// The configuration is missing something or contradicts itself: nothing was started, and another start will not help.
#[derive(Debug)]
pub struct BadConfig(anyhow::Error);

impl fmt::Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for BadConfig {}

/// Marks the errors of reading the configuration.
pub fn config<T>(read: anyhow::Result<T>) -> anyhow::Result<T> {
    read.map_err(|error| BadConfig(error).into())
}

/// Marks errors of this kind as what another start will not help: what is asked for does not go with what is there.
pub fn refusal<E, T>(done: anyhow::Result<T>) -> anyhow::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    done.map_err(|error| if error.is::<E>() { BadConfig(error).into() } else { error })
}

/// 2 for a bad configuration (as for a bad command line), 1 for everything else.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(if error.is::<BadConfig>() { 2 } else { 1 })
}

use std::io::{IsTerminal, stderr};

use anyhow::{Context, bail};
use tracing_subscriber::EnvFilter;

/// How this process logs: to standard error, never secrets or personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// `LOG_FORMAT`: `text` or `json`; by default text on a terminal and JSON elsewhere.
    pub format: Format,
    /// `RUST_LOG`: what is logged, such as `info,jobs=debug`.
    pub filter: String,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

impl LogConfig {
    /// Reads the environment; `default_filter` counts when `RUST_LOG` is unset.
    ///
    /// # Errors
    /// When a value is none of those named.
    pub fn from_env(default_filter: &str) -> anyhow::Result<Self> {
        let format = match env::var("LOG_FORMAT")?.as_deref().map(str::trim) {
            None if stderr().is_terminal() => Format::Text,
            None | Some("json") => Format::Json,
            Some("text") => Format::Text,
            Some(_) => bail!("LOG_FORMAT must be text or json"),
        };
        let filter = env::var("RUST_LOG")?.unwrap_or_else(|| default_filter.to_owned());
        EnvFilter::try_new(&filter).context("RUST_LOG is invalid")?;
        Ok(Self { format, filter })
    }

    /// Starts logging; once per process.
    ///
    /// # Errors
    /// When logging was started before.
    pub fn start(&self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(&self.filter).context("RUST_LOG is invalid")?;
        let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
        let started = match self.format {
            Format::Text => lines.with_ansi(stderr().is_terminal()).try_init(),
            Format::Json => lines.json().flatten_event(true).with_current_span(true).try_init(),
        };
        started.map_err(|error| anyhow::anyhow!("logging could not be started: {error}"))
    }
}

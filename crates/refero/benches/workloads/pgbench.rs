use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, ensure};
use tokio::process::Command;

/// A script of pgbench, and what its variables stand for.
pub struct Script {
    path: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// How long a run is.
#[derive(Clone, Copy)]
pub enum Length {
    Seconds(u64),
    /// Of each client.
    Transactions(usize),
}

impl Script {
    /// A script to be run, under a name of its own.
    pub fn new(name: &str, text: &str, variables: Vec<(&'static str, String)>) -> anyhow::Result<Self> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.sql"));
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        Ok(Self { path, variables })
    }

    /// Runs it with prepared statements, and answers how many transactions there were per second.
    pub async fn run(&self, url: &str, clients: usize, length: Length) -> anyhow::Result<f64> {
        let mut command = Command::new(local_stack::pgbench()?);
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
        command.arg(format!("--client={clients}")).arg("--file").arg(&self.path);
        command.arg(match length {
            Length::Seconds(seconds) => format!("--time={seconds}"),
            Length::Transactions(number) => format!("--transactions={number}"),
        });
        for (name, value) in &self.variables {
            command.arg("--define").arg(format!("{name}={value}"));
        }
        let output = command.arg(url).stdin(Stdio::null()).output().await.context("run pgbench")?;
        let (said, complaints) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "pgbench: {}{}", said.trim(), complaints.trim());
        per_second(&said).with_context(|| format!("pgbench does not say its rate: {said}"))
    }
}

/// The figure of the line `tps = 5432.1 (without initial connection time)`.
fn per_second(said: &str) -> Option<f64> {
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rate.split_whitespace().next()?.parse().ok()
}

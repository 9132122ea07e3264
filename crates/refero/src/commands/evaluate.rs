use std::{
    fs::File,
    io::{BufReader, Write, stdout},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use domain::rewards::vectors::evaluate_histories;

/// Prints one line of JSON for each history: its rewards and what earned nothing, or why it cannot be evaluated.
pub fn run(file: &Path) -> anyhow::Result<ExitCode> {
    let histories = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut out = stdout().lock();
    let summary = evaluate_histories(BufReader::new(histories), |answer| {
        serde_json::to_writer(&mut out, answer)?;
        writeln!(out)
    })?;
    eprintln!("{} evaluated, {} refused", summary.evaluated, summary.refused);
    Ok(ExitCode::SUCCESS)
}

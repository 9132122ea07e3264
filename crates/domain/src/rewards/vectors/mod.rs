//! Written histories with their results, `refero evaluate FILE`: one JSON object a line, evaluated by the functions
//! that the workers call, without a database. What cannot be evaluated yet is refused with the reason, line by line.

mod amounts;
mod answer;
mod history;
mod names;
mod refusal;
mod replay;

use std::io::{self, BufRead};

pub use answer::{Answer, Evaluated, PrintedNonReward, PrintedReward};
use history::History;
use refusal::Refusal;
use serde_json::Value as Json;

/// How many histories were evaluated, and how many could not be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines with a result.
    pub evaluated: usize,
    /// Lines with an error.
    pub refused: usize,
}

/// Evaluates every line and hands each answer to `print`, in order. Empty lines are skipped.
///
/// # Errors
/// When the file cannot be read or the answer not be printed; a history that is refused is an answer.
pub fn evaluate_histories(
    file: impl BufRead,
    mut print: impl FnMut(&Answer) -> io::Result<()>,
) -> io::Result<Summary> {
    let mut summary = Summary::default();
    for line in file.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = evaluate_history(&line);
        match answer {
            Answer::Evaluated(_) => summary.evaluated += 1,
            Answer::Refused { .. } => summary.refused += 1,
        }
        print(&answer)?;
    }
    Ok(summary)
}

/// Evaluates one history.
pub fn evaluate_history(line: &str) -> Answer {
    let json: Json = serde_json::from_str(line).unwrap_or_default();
    let name = json["name"].as_str().map(str::to_owned);
    match evaluated(line) {
        Ok(evaluated) => Answer::Evaluated(evaluated),
        Err(refusal) => Answer::Refused { name, error: refusal.to_string() },
    }
}

fn evaluated(line: &str) -> Result<Evaluated, Refusal> {
    let history: History = serde_json::from_str(line)?;
    replay::replay(&history)
}

#[cfg(test)]
mod tests;

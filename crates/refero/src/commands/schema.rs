use std::{fs, process::ExitCode};

use anyhow::Context;

const FILE: &str = "schema.graphql";
const MEND: &str = "cargo run -p refero -- schema > schema.graphql";

/// Prints the contract, or compares it with the file.
pub fn run(check: bool) -> anyhow::Result<ExitCode> {
    let now = api::graphql::sdl();
    if !check {
        print!("{now}");
        return Ok(ExitCode::SUCCESS);
    }
    let committed =
        fs::read_to_string(FILE).with_context(|| format!("{FILE} cannot be read; write it with `{MEND}`"))?;
    let Some(difference) = first_difference(&committed, &now) else { return Ok(ExitCode::SUCCESS) };
    eprintln!("{difference}\nIf the change is meant, write the file again: {MEND}");
    Ok(ExitCode::FAILURE)
}

/// The first line that differs, from both sides.
fn first_difference(committed: &str, now: &str) -> Option<String> {
    if committed == now {
        return None;
    }
    let (mut old, mut new) = (committed.lines(), now.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (old.next(), new.next()) {
            (None, None) => return Some(format!("{FILE} differs in its line ends only.")),
            (old, new) if old == new => {}
            (old, new) => {
                let side = |line: Option<&str>| line.unwrap_or("(nothing)").to_owned();
                return Some(format!("{FILE} line {number}:\n  file: {}\n  code: {}", side(old), side(new)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_difference_is_shown() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        let shown = first_difference("a\nb\nc\n", "a\nB\nc\n").unwrap();
        assert_eq!(shown, "schema.graphql line 2:\n  file: b\n  code: B");
        assert!(first_difference("a\n", "a\nb\n").unwrap().contains("line 2:\n  file: (nothing)\n  code: b"));
        assert!(first_difference("a", "a\n").unwrap().contains("line ends"));
    }
}

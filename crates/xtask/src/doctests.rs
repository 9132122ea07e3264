//! Whether any documentation holds code: compiling for none takes longer than looking.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::workspace;

/// Words after a fence that leave its code to be compiled.
const COMPILED: [&str; 6] = ["", "rust", "no_run", "should_panic", "compile_fail", "edition2024"];

/// Whether a README or a source of a library holds a code block that rustdoc would compile.
///
/// # Errors
/// When a folder cannot be read.
pub fn exist() -> anyhow::Result<bool> {
    let root = workspace::root()?;
    Ok(below(&root.join("crates"))? || below(&root.join("jobs"))?)
}

fn below(folder: &Path) -> anyhow::Result<bool> {
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let found = match extension {
            _ if path.is_dir() => below(&path)?,
            Some("md") => has_code(fs::read_to_string(&path)?.lines()),
            Some("rs") => has_code(fs::read_to_string(&path)?.lines().filter_map(documentation)),
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

fn documentation(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))
}

fn has_code<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let fences = lines.filter_map(|line| line.trim_start().strip_prefix("```"));
    // Every other fence closes a block.
    fences.step_by(2).any(|words| words.split(',').all(|word| COMPILED.contains(&word.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rust_counts() {
        for (text, want) in [
            ("/// ```\n/// let a = 1;\n/// ```", true),
            ("//! ```no_run\n//! a();\n//! ```", true),
            ("/// ```text\n/// a -> b\n/// ```", false),
            ("/// ```ignore\n/// ```\n/// ```rust,no_run\n/// ```", true),
            ("let fence = \"```\";", false),
        ] {
            assert_eq!(has_code(text.lines().filter_map(documentation)), want, "{text}");
        }
    }
}

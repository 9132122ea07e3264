//! The sources of this crate as text, for the laws.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A source file.
pub struct Source {
    /// From the crate's root.
    pub path: String,
    text: String,
}

/// Every Rust file below `folder`, which is given from the crate's root.
pub fn of(folder: &str) -> Vec<Source> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    read(&root.join(folder), &root, &mut sources);
    assert!(!sources.is_empty(), "no sources in {folder}");
    sources
}

fn read(folder: &Path, root: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, root, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root).unwrap().display().to_string();
            sources.push(Source { path, text });
        }
    }
}

impl Source {
    /// The concept that the file belongs to: the folder or file right below `src`.
    pub fn concept(&self) -> Option<String> {
        let name = Path::new(&self.path).iter().nth(1)?.to_str()?;
        Some(name.strip_suffix(".rs").unwrap_or(name).to_owned())
    }

    /// The modules of this crate that the file names: `crate::x`, and the names of `crate::{x, y::..}`.
    pub fn used_modules(&self) -> BTreeSet<String> {
        let code: String = self.text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let uses = code.match_indices("crate::").map(|(at, found)| &code[at + found.len()..]);
        uses.flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => names_of_group(group),
            None => vec![leading_name(rest)],
        })
        .collect()
    }
}

fn leading_name(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first segment of each path in a group of a `use`, whose opening brace is gone.
fn names_of_group(group: &str) -> Vec<String> {
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                names.push(leading_name(&group[start..at]));
                start = at + 1;
            }
            '}' => depth -= 1,
            _ => {}
        }
        if c == '}' && depth == 0 && start == at + 1 {
            break;
        }
    }
    names
}

#[test]
fn names_are_found_in_groups() {
    let text = "use crate::{\n    a::{x, y},\n    // crate::no\n    b,\n};\nuse crate::c::d; fn f() { crate::e::g() }";
    let source = Source { path: "src/z/m.rs".to_owned(), text: text.to_owned() };
    assert_eq!(source.used_modules().into_iter().collect::<Vec<_>>(), ["", "a", "b", "c", "e"]);
    assert_eq!(source.concept().as_deref(), Some("z"));
}

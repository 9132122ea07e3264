//! Where the servers' programs lie.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::install::{self, Package};

/// Folders of one version each: the Debian way, Homebrew on both kinds of Mac, the Red Hat way.
const VERSIONED: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/usr", "pgsql-", "bin"),
];

/// The folder of PostgreSQL's programs, of the newest version; installed when missing.
///
/// # Errors
/// When there is none and none can be installed.
pub fn postgres() -> anyhow::Result<PathBuf> {
    found_or_installed(&install::POSTGRESQL, || {
        let is_whole =
            |bin: &PathBuf| ["postgres", "initdb", "pg_ctl"].iter().all(|name| bin.join(name).exists());
        newest(bin_folders().into_iter().filter(is_whole), "postgres", install::POSTGRESQL.least)
    })
}

/// Redis' server; installed when missing.
///
/// # Errors
/// As [`postgres`].
pub fn redis() -> anyhow::Result<PathBuf> {
    found_or_installed(&install::REDIS, || {
        let folder = newest(path_folders().into_iter(), "redis-server", install::REDIS.least)?;
        Some(folder.join("redis-server"))
    })
}

/// PostgreSQL's client `psql`, from the search path or beside the server; installed with the server when missing.
///
/// # Errors
/// As [`postgres`].
pub fn psql() -> anyhow::Result<PathBuf> {
    client("psql", "postgresql-client")
}

/// PostgreSQL's load generator `pgbench`, found as [`psql`] is.
///
/// # Errors
/// As [`postgres`].
pub fn pgbench() -> anyhow::Result<PathBuf> {
    client("pgbench", "postgresql-contrib")
}

fn client(name: &str, package: &str) -> anyhow::Result<PathBuf> {
    let find = || bin_folders().into_iter().map(|bin| bin.join(name)).find(|program| program.exists());
    if let Some(program) = find() {
        return Ok(program);
    }
    postgres()?;
    find().with_context(|| format!("PostgreSQL's server is here, but {name} is not: install {package}"))
}

fn found_or_installed(package: &Package, find: impl Fn() -> Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install::install(package)?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("{} {} was installed but is not found", package.title, package.least),
    }
}

/// The search path first, then the folders that distributions keep off it.
fn bin_folders() -> Vec<PathBuf> {
    let mut folders = path_folders();
    for (parent, prefix, bin) in VERSIONED {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
        folders.extend(named.map(|entry| entry.path().join(bin)));
    }
    folders
}

fn path_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).collect()
}

/// The folder whose `program` has the highest version, if that is at least `least`.
fn newest(folders: impl Iterator<Item = PathBuf>, program: &str, least: u32) -> Option<PathBuf> {
    let versions = folders.filter_map(|folder| Some((version_of(&folder.join(program))?, folder)));
    versions
        .filter(|(version, _)| *version >= least)
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
}

fn version_of(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// The number before the first dot of the first word that has digits around one, or is only digits.
fn major(text: &str) -> Option<u32> {
    text.split_whitespace()
        .map(|word| word.trim_start_matches("v="))
        .find_map(|word| word.split(['.', 'b', 'r']).next().filter(|first| !first.is_empty())?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_programs_say() {
        for (text, want) in [
            ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4", Some(7)),
            ("no number", None),
        ] {
            assert_eq!(major(text), want, "{text}");
        }
    }
}

//! Cargo and its parts.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use crate::workspace;

/// `cargo` with `args`, at the workspace's root.
///
/// # Errors
/// When the root is not found.
pub fn command(args: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(workspace::root()?);
    Ok(command)
}

/// Runs `cargo` in sight of the user, with `vars` in its environment.
///
/// # Errors
/// When it fails.
pub fn run(args: &[&str], vars: &[(&str, &str)]) -> anyhow::Result<()> {
    let status = command(args)?.envs(vars.iter().copied()).status().context("run cargo")?;
    ensure!(status.success(), "`cargo {}` failed", args.join(" "));
    Ok(())
}

/// The program `refero`, as the tests of the whole workspace are built: alone it would be compiled again from its first
/// dependency, whose features would be others.
///
/// # Errors
/// When it cannot be built.
pub fn refero() -> anyhow::Result<PathBuf> {
    run(&["build", "--quiet", "--workspace", "--tests"], &[])?;
    // Cargo puts all programs of a profile into one folder, and this one is among them.
    Ok(std::env::current_exe()?.with_file_name("refero"))
}

/// Whether this machine has `cargo <name>`.
pub fn has(name: &str) -> bool {
    let mut command = Command::new("cargo");
    command.args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Sees to it that `cargo <name>` exists, by rustup's `component` when it does not.
///
/// # Errors
/// When it is missing and rustup does not give it.
pub fn need(name: &str, component: &str) -> anyhow::Result<()> {
    if has(name) {
        return Ok(());
    }
    eprintln!("cargo {name} is missing. Installing it: rustup component add {component}");
    match Command::new("rustup").args(["component", "add", component]).status() {
        Ok(status) if status.success() => Ok(()),
        _ => bail!(
            "cargo {name} is missing and rustup cannot add it: install {component} as you installed Rust"
        ),
    }
}

//! `cargo xtask up`: the first thing that a newcomer types.

use std::os::unix::process::CommandExt;

use anyhow::Context;

use crate::{cargo, web};

/// Bundles GraphiQL, and becomes `refero up`, so that signals, output and exit code are its own.
///
/// # Errors
/// When cargo cannot be run; otherwise it does not return.
pub fn run(release: bool, empty: bool, args: &[String]) -> anyhow::Result<()> {
    web::bundle_if_possible();
    let mut command = cargo::command(&["run", "--package", "refero"])?;
    if release {
        command.arg("--release");
    }
    command.args(["--", "up"]).args(empty.then_some("--empty")).args(args);
    Err(command.exec()).context("run cargo")
}

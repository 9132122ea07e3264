//! Real clients, and a browser, against the real binary.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use local_stack::LocalStack;

use super::{
    browser, folder,
    node::{LEAST, Node},
    npm,
};
use crate::{cargo, psql::Psql};

/// Runs `web/conformance` against `refero` on a database of its own.
///
/// # Errors
/// When something that it needs cannot be had, or a test fails.
pub fn run(stack: &LocalStack) -> anyhow::Result<()> {
    let node = Node::find_or_install(LEAST)?;
    npm::install(&node)?;
    let browser = browser::find_or_install()?;
    let refero = cargo::refero()?;
    let server = Psql::new(&stack.database_url);
    let name = format!("refero_conformance_{}", std::process::id());
    server.rows(&format!("CREATE DATABASE {name}"))?;
    let outcome = tests(&node, (refero, browser), stack, server.with_database(&name).url());
    let dropped = server.rows(&format!("DROP DATABASE {name} WITH (FORCE)"));
    outcome.and(dropped.map(drop))
}

fn tests(
    node: &Node,
    (refero, browser): (PathBuf, PathBuf),
    stack: &LocalStack,
    database_url: &str,
) -> anyhow::Result<()> {
    let mut command = node.command("node")?;
    command.arg("run.js").current_dir(folder()?.join("conformance"));
    command.env("REFERO_BIN", refero).env("CHROMIUM", browser);
    command.env("DATABASE_URL", database_url).env("REDIS_URL", &stack.redis_url);
    let status = command.status().context("run node")?;
    ensure!(status.success(), "the conformance tests failed");
    Ok(())
}

//! `cargo xtask test`: what must pass before a change is shown to anybody.

use std::process::{Command, ExitCode};

use anyhow::ensure;
use local_stack::LocalStack;

use crate::servers::{TEST_DATABASE_URL, TEST_REDIS_URL};
use crate::steps::Steps;
use crate::{cargo, doctests, schema, servers, web, workspace};

/// Runs every step until one fails and stops the servers in either case; the last line is the outcome. `args` go to
/// the test runner.
pub fn run(args: &[String]) -> ExitCode {
    let mut steps = Steps::new();
    let outcome = on_servers(&mut steps, args);
    steps.finish(&outcome);
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn on_servers(steps: &mut Steps, args: &[String]) -> anyhow::Result<()> {
    let stack = steps.step("servers", || servers::start("test"))?;
    let outcome = all(steps, &stack, args);
    let stopped = stack.stop();
    outcome.and(stopped)
}

fn all(steps: &mut Steps, stack: &LocalStack, args: &[String]) -> anyhow::Result<()> {
    let vars = [(TEST_DATABASE_URL, stack.database_url.as_str()), (TEST_REDIS_URL, stack.redis_url.as_str())];
    steps.step("formatting", || {
        cargo::need("fmt", "rustfmt")?;
        cargo::run(&["fmt", "--all", "--check"], &[])
    })?;
    steps.step("diesel schemas", || schema::run_on(&stack.database_url, true))?;
    // Before anything is compiled: what is bundled is embedded.
    steps.step("web bundle", web::bundle)?;
    steps.step("clippy", || {
        cargo::need("clippy", "clippy")?;
        cargo::run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])
    })?;
    steps.step("tests", || cargo::run(&runner(args), &vars))?;
    if doctests::exist()? {
        steps.step("documentation tests", || cargo::run(&["test", "--doc", "--workspace"], &vars))?;
    }
    steps.step("schema.graphql", || {
        let mut check = Command::new(cargo::refero()?);
        let checked = check.args(["schema", "--check"]).current_dir(workspace::root()?).status()?;
        ensure!(checked.success(), "schema.graphql is not what `refero schema` prints: commit its output");
        Ok(())
    })?;
    steps.step("conformance", || web::conformance(stack))
}

/// nextest if it is here; it takes minutes to build, so it is not installed unasked.
fn runner(args: &[String]) -> Vec<&str> {
    let mut words = if cargo::has("nextest") {
        vec!["nextest", "run", "--no-fail-fast"]
    } else {
        eprintln!(
            "cargo-nextest is not installed, so the slower `cargo test` runs the tests, without time limits."
        );
        vec!["test", "--tests", "--no-fail-fast"]
    };
    let chooses = |arg: &String| arg.starts_with("-p") || arg.starts_with("--package");
    if !args.iter().any(chooses) {
        words.push("--workspace");
    }
    words.extend(args.iter().map(String::as_str));
    words
}

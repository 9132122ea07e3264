//! `cargo xtask bench`: what docs/BENCHMARKS.md shows.

mod peers;

use local_stack::{LocalStack, StackConfig};

use crate::{cargo, workspace};

/// Builds the benchmark and the product with optimisations and runs it on servers that sync as in production, beside the
/// peers as far as they can be installed. `args` go to the benchmark.
///
/// # Errors
/// When something cannot be built or started, or a measurement fails.
pub fn run(args: &[String]) -> anyhow::Result<()> {
    let folder = workspace::root()?.join("target/servers/bench");
    let mut words = vec!["bench", "--package", "refero", "--bench", "workloads"];
    cargo::run(&[&words[..], &["--no-run"]].concat(), &[])?;
    let peers = peers::install_if_possible();
    let stack = LocalStack::start(&StackConfig {
        fresh: true,
        max_connections: 200,
        ..StackConfig::durable(folder)
    })?;
    let mut vars =
        vec![("DATABASE_URL", stack.database_url.as_str()), ("REDIS_URL", stack.redis_url.as_str())];
    if let Some(peers) = &peers {
        vars.extend([("BENCH_PEERS", peers.folder.as_str()), ("PATH", peers.path.as_str())]);
    }
    words.push("--");
    words.extend(args.iter().map(String::as_str));
    let outcome = cargo::run(&words, &vars);
    let stopped = stack.stop();
    outcome.and(stopped)
}

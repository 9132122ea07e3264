//! What lies in `web/`: GraphiQL for the binary, and the tests that speak to it as a client does.

mod browser;
mod conformance;
mod graphiql;
mod node;
mod npm;

pub use conformance::run as conformance;
pub use node::Node;

use std::path::PathBuf;

use crate::{servers, workspace};

/// Makes what the binary embeds, so that the next build finds it; installs what that needs.
///
/// # Errors
/// When Node or the packages cannot be had, or the bundle cannot be made.
pub fn bundle() -> anyhow::Result<()> {
    let node = Node::find_or_install(node::LEAST)?;
    npm::install(&node)?;
    graphiql::bundle(&node)
}

/// As [`bundle`], for those who can do without: says what is missing, and why.
pub fn bundle_if_possible() {
    if let Err(error) = bundle() {
        eprintln!("GraphiQL cannot be bundled, so /graphql will be a plain console in browsers: {error:#}");
    }
}

/// Real clients alone, on servers of their own.
///
/// # Errors
/// As [`bundle`], and when the servers do not start or a test fails.
pub fn clients() -> anyhow::Result<()> {
    bundle()?;
    let stack = servers::start("clients")?;
    let outcome = conformance(&stack);
    let stopped = stack.stop();
    outcome.and(stopped)
}

fn folder() -> anyhow::Result<PathBuf> {
    Ok(workspace::root()?.join("web"))
}

//! Where the workspace lies.

use std::path::PathBuf;

use anyhow::Context;

/// The workspace's root folder, so that every task works from any folder below it.
///
/// # Errors
/// When this crate no longer lies two folders below the root.
pub fn root() -> anyhow::Result<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).context("crates/xtask lies two folders below the workspace")
}

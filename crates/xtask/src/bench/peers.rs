//! What we are compared with: programs of others that run on Node.js, from its registry.

use std::fs;

use anyhow::{Context, ensure};

use crate::{web::Node, workspace};

/// The oldest Node.js that all of them run on.
const LEAST: u32 = 24;

/// Says what was installed, beside it.
const STAMP: &str = "node_modules/.refero-installed";

/// Peers that are installed.
pub struct Peers {
    /// Where they and our scripts are.
    pub folder: String,
    /// The search path that their Node.js is found by.
    pub path: String,
}

/// Installs them below `target/`, unless they are there; `None`, and the reason is printed, where that cannot be done.
pub fn install_if_possible() -> Option<Peers> {
    match install() {
        Ok(peers) => Some(peers),
        Err(error) => {
            eprintln!("The peers cannot be installed, so nothing is compared with them: {error:#}");
            None
        }
    }
}

fn install() -> anyhow::Result<Peers> {
    let node = Node::find_or_install(LEAST)?;
    let root = workspace::root()?;
    let (scripts, folder) = (root.join("crates/refero/benches/peers"), root.join("target/bench-peers"));
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(&scripts).with_context(|| format!("read {}", scripts.display()))? {
        let path = entry?.path();
        fs::copy(&path, folder.join(path.file_name().context("a file has a name")?))?;
    }
    let wanted = fs::read_to_string(folder.join("package.json"))?;
    if fs::read_to_string(folder.join(STAMP)).ok().as_ref() != Some(&wanted) {
        eprintln!("Installing the peers of crates/refero/benches/peers/package.json: npm install");
        let mut npm = node.command("npm")?;
        npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);
        let status = npm.current_dir(&folder).status().context("run npm")?;
        ensure!(status.success(), "npm does not install them");
        fs::write(folder.join(STAMP), wanted)?;
    }
    Ok(Peers { folder: folder.display().to_string(), path: node.path()?.to_string_lossy().into_owned() })
}

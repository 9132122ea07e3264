//! The packages that `web/package-lock.json` names.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use super::{folder, node::Node};

/// Says in `node_modules/` what was installed; it goes when `npm ci` begins, and comes back when that succeeded.
const STAMP: &str = "node_modules/.refero-installed";

/// Installs the packages, unless they are those that the lock file names already: then no network is needed.
///
/// # Errors
/// When npm fails.
pub fn install(node: &Node) -> anyhow::Result<()> {
    let web = folder()?;
    let wanted = wanted(&web)?;
    if fs::read_to_string(web.join(STAMP)).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    eprintln!("Installing the packages of web/package-lock.json: npm ci");
    let status = node.command("npm")?.arg("ci").current_dir(&web).status().context("run npm")?;
    ensure!(status.success(), "`npm ci` failed in web/");
    fs::write(web.join(STAMP), wanted).context("remember what was installed")
}

/// Everything that decides what `npm ci` does.
fn wanted(web: &Path) -> anyhow::Result<String> {
    let read = |name: &str| fs::read_to_string(web.join(name)).with_context(|| format!("read web/{name}"));
    Ok([read(".npmrc")?, read("package.json")?, read("package-lock.json")?].concat())
}

//! The bundle of GraphiQL.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, ensure};

use super::{folder, node::Node};

/// Says when the bundle was made. It lies among the packages, so that it goes with them.
const STAMP: &str = "node_modules/.refero-graphiql";

/// Makes the bundle, unless it is newer than all that it is made of.
///
/// # Errors
/// When it cannot be made.
pub fn bundle(node: &Node) -> anyhow::Result<()> {
    let web = folder()?;
    let sources = web.join("graphiql");
    let made = fs::metadata(web.join(STAMP)).and_then(|stamp| stamp.modified()).ok();
    let newest = newest(&sources.join("src"))?.max(changed(&sources.join("build.js"))?);
    if sources.join("dist/index.html").exists() && made > Some(newest) {
        return Ok(());
    }
    let status = node.command("node")?.arg("build.js").current_dir(&sources).status().context("run node")?;
    ensure!(status.success(), "GraphiQL was not bundled");
    fs::write(web.join(STAMP), "").context("remember when GraphiQL was bundled")
}

fn newest(folder: &Path) -> anyhow::Result<SystemTime> {
    let mut newest = changed(folder)?;
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        newest = newest.max(changed(&entry?.path())?);
    }
    Ok(newest)
}

fn changed(path: &Path) -> anyhow::Result<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).with_context(|| format!("look at {}", path.display()))
}

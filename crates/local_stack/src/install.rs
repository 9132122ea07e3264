//! Installing a program, never silently.

use std::io::IsTerminal;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use crate::{account, apt};

/// A program as the package managers know it.
pub struct Package {
    /// For sentences.
    pub title: &'static str,
    /// The oldest major version that will do.
    pub least: u32,
    /// Debian's and Ubuntu's names; the first one's version is what counts.
    pub apt: &'static [&'static str],
    /// Homebrew's name.
    pub brew: &'static str,
    /// What a person can do instead, after "install it, or".
    pub instead: &'static str,
    /// Whether the package may start a server of its own.
    pub is_server: bool,
}

/// PostgreSQL: 15 is the first with the grants and the `NULLS NOT DISTINCT` that the migrations may use.
pub const POSTGRESQL: Package = Package {
    title: "PostgreSQL",
    least: 15,
    apt: &["postgresql"],
    brew: "postgresql@17",
    instead: "set DATABASE_URL to a server that exists",
    is_server: true,
};

/// Redis: 7 is the first with a reliable blocking `LMPOP`.
pub const REDIS: Package = Package {
    title: "Redis",
    least: 7,
    apt: &["redis-server"],
    brew: "redis",
    instead: "set REDIS_URL to a server that exists",
    is_server: true,
};

/// Installs `package` by the machine's own package manager.
///
/// # Errors
/// When there is none that we know, when it has too old a version, when we may not use it, or when it fails; each
/// time with what a person can do.
pub fn install(package: &Package) -> anyhow::Result<()> {
    if has("apt-get") {
        return apt::install(package);
    }
    if has("brew") {
        announce(package, &["brew", "install", package.brew]);
        return run(&["brew", "install", package.brew]);
    }
    bail!(
        "{} {} or newer is missing, and there is neither apt-get nor brew: install it, or {}",
        package.title,
        package.least,
        package.instead
    )
}

/// The words before a command that needs root: none as root, otherwise sudo if it can work here.
///
/// # Errors
/// When we are not root and sudo is missing, or would ask for a password that nobody is there to type.
pub fn as_root(package: &Package, command: &str) -> anyhow::Result<&'static [&'static str]> {
    if account::is_root()? {
        return Ok(&[]);
    }
    let quiet =
        Command::new("sudo").args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match quiet {
        Ok(status) if status.success() || std::io::stdin().is_terminal() => Ok(&["sudo"]),
        _ => bail!(
            "{} {} or newer is missing, and installing it needs root, which sudo does not give here. Ask an \
             administrator to run `{command}`, or {}",
            package.title,
            package.least,
            package.instead
        ),
    }
}

/// Says what is about to be done to the machine.
pub fn announce(package: &Package, command: &[&str]) {
    let Package { title, least, .. } = package;
    eprintln!("{title} {least} or newer is not on this machine. Installing it now: {}", command.join(" "));
    if package.is_server {
        eprintln!(
            "(The package may set up a {title} of its own, on its default port. Refero leaves that one alone.)"
        );
    }
}

/// Runs `command` in sight of the user.
///
/// # Errors
/// When it fails.
pub fn run(command: &[&str]) -> anyhow::Result<()> {
    let (program, args) = command.split_first().context("a command has a name")?;
    let status = Command::new(program).args(args).status().with_context(|| format!("run {program}"))?;
    ensure!(status.success(), "`{}` failed ({status})", command.join(" "));
    Ok(())
}

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.is_ok()
}

//! Who runs the servers: ourselves, or somebody humbler when we are root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Accounts that may run the servers for root, best first; the packages create the first.
const CANDIDATES: [&str; 3] = ["postgres", "_postgres", "nobody"];

/// The account that runs the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Our own.
    Ourselves,
    /// Another, because we are root and PostgreSQL refuses root.
    Other {
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
    },
}

/// Whether this process is root.
///
/// # Errors
/// When `id` cannot be run.
pub fn is_root() -> anyhow::Result<bool> {
    Ok(id(&["-u"])?.context("`id -u` failed")? == 0)
}

impl Account {
    /// Our own account, or as root the owner of the cluster at `cluster`, or else the packages' user.
    ///
    /// # Errors
    /// When no account can be found.
    pub fn for_cluster(cluster: Option<&Path>) -> anyhow::Result<Self> {
        if !is_root()? {
            return Ok(Self::Ourselves);
        }
        if let Some(owner) = cluster.and_then(|path| fs::metadata(path).ok()).filter(|owner| owner.uid() != 0)
        {
            return Ok(Self::Other { uid: owner.uid(), gid: owner.gid() });
        }
        for name in CANDIDATES {
            if let (Some(uid), Some(gid)) = (id(&["-u", name])?, id(&["-g", name])?) {
                return Ok(Self::Other { uid, gid });
            }
        }
        bail!(
            "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`: create one"
        )
    }

    /// A command that this account runs, in a folder that anyone may enter. Rust's `uid` also drops root's groups.
    pub fn command(self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        // Plain messages, and on macOS a server that starts without any locale set.
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Gives `path` to this account.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn own(self, path: &Path) -> anyhow::Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid))
                .with_context(|| format!("give {} to the user that runs the servers", path.display())),
        }
    }

    /// Whether this account can reach `folder` and write there.
    pub fn can_use(self, folder: &Path) -> bool {
        let mut command = self.command("sh");
        command.args(["-c", "cd \"$1\" && test -w .", "sh"]).arg(folder).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

fn id(args: &[&str]) -> anyhow::Result<Option<u32>> {
    let output = Command::new("id").args(args).output().context("run id")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

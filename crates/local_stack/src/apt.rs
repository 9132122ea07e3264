//! Debian and Ubuntu.

use std::process::Command;

use anyhow::{Context, bail};

use crate::install::{Package, announce, as_root, run};

/// Installs `package` if the distribution has it new enough. Its post-installation script may start a server of its
/// own on the default port; ours are others.
///
/// # Errors
/// When the distribution's version is too old, root cannot be had, or apt-get fails.
pub fn install(package: &Package) -> anyhow::Result<()> {
    let sudo = as_root(package, &format!("apt-get install -y {}", package.apt.join(" ")))?;
    let apt_get = |args: &[&'static str]| {
        let words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y"];
        [sudo, &words, args].concat()
    };
    let update = apt_get(&["update"]);
    let name = package.apt.first().context("a package has a name")?;
    let mut candidate = candidate(name)?;
    let is_listed = candidate.is_some();
    if !is_listed {
        eprintln!("{} is not on this machine. Looking for it: {}", package.title, update.join(" "));
        run(&update)?;
        candidate = self::candidate(name)?;
    }
    match candidate {
        Some(version) if version >= package.least => {}
        Some(version) => bail!(
            "this distribution has {} {version}, too old ({} is needed): install a newer one, or {}",
            package.title,
            package.least,
            package.instead
        ),
        None => bail!("apt-get knows no package {name}: install {}, or {}", package.title, package.instead),
    }
    let install = apt_get(&[&["--no-install-recommends", "install"], package.apt].concat());
    announce(package, &install);
    match run(&install) {
        // Lists of last month name files that are gone.
        Err(_) if is_listed => run(&update).and_then(|()| run(&install)),
        done => done,
    }
}

/// The major version that would be installed.
fn candidate(name: &str) -> anyhow::Result<Option<u32>> {
    let mut command = Command::new("apt-cache");
    let output = command.args(["show", "--no-all-versions", name]).output().context("run apt-cache")?;
    Ok(major(&String::from_utf8_lossy(&output.stdout)))
}

fn major(show: &str) -> Option<u32> {
    let version = show.lines().find_map(|line| line.strip_prefix("Version: "))?;
    let upstream = version.split_once(':').map_or(version, |(_epoch, upstream)| upstream);
    upstream.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_what_follows_the_epoch() {
        assert_eq!(major("Package: redis-server\nVersion: 5:7.0.15-1~deb12u5\nX: 1"), Some(7));
        assert_eq!(major("Package: postgresql\nVersion: 16+257build1.1\n"), Some(16));
        assert_eq!(major(""), None);
    }
}

//! A browser without a window.

use std::path::{Path, PathBuf};

use anyhow::Context;
use local_stack::Package;

/// Where Chromium, or what is built on it, lies on the systems that we know.
const PLACES: [&str; 6] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/opt/homebrew/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const CHROMIUM: Package = Package {
    title: "Chromium",
    least: 100,
    apt: &["chromium"],
    brew: "chromium",
    instead: "set CHROMIUM to the path of a Chromium or Chrome",
    is_server: false,
};

/// The program: the one that `CHROMIUM` names, or the machine's; installed when missing.
///
/// # Errors
/// When there is none and none can be installed.
pub fn find_or_install() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var("CHROMIUM")? {
        return Ok(PathBuf::from(path));
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    local_stack::install(&CHROMIUM)?;
    find().with_context(|| format!("Chromium is installed where nobody looks: {}", CHROMIUM.instead))
}

fn find() -> Option<PathBuf> {
    PLACES.iter().map(Path::new).find(|path| path.exists()).map(Path::to_owned)
}

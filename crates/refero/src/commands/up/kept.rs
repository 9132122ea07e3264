use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use ids::IdSource;

/// A secret in the data folder that is made at the first start, of 32 random bytes behind `before`, and which only its owner
/// may read. Answers where it is and what it says.
///
/// # Errors
/// When it cannot be made or read.
pub fn find_or_make(data_dir: &Path, file: &str, before: &str) -> anyhow::Result<(PathBuf, String)> {
    // Nobody else has made it when both servers are somebody else's.
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir).context("make the data folder")?;
    let path = data_dir.join(file);
    make(&path, before).with_context(|| format!("write {}", path.display()))?;
    let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    Ok((path, text))
}

fn make(path: &Path, before: &str) -> anyhow::Result<()> {
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let key = STANDARD.encode(IdSource::from_system()?.secret::<32>());
    writeln!(file, "{before}{key}")?;
    Ok(file.sync_all()?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use domain::users::Secrets;
    use vault::Vault;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_only() {
        let folder = std::env::temp_dir().join(format!("refero-kept-{}", std::process::id()));
        let (path, first) = find_or_make(&folder, "secret_key", "").unwrap();
        assert_eq!(find_or_make(&folder, "secret_key", "").unwrap().1, first);
        assert!(first.trim().parse::<Secrets>().is_ok());
        let (_, keys) = find_or_make(&folder, "payout_keys", "first:").unwrap();
        assert_eq!(keys.trim().parse::<Vault>().unwrap().current_key_id(), "first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(&folder).unwrap();
    }
}

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::users::Secrets;
use ids::IdSource;

const FILE: &str = "secret_key";

/// The secret key of `REFERO_SECRET_KEY`, or else the one in the data folder, which is made at the first start and which
/// only its owner may read.
///
/// # Errors
/// When the key cannot be read, or is none.
pub fn find_or_make(data_dir: &Path) -> anyhow::Result<Secrets> {
    if env::var("REFERO_SECRET_KEY")?.is_some() {
        return Secrets::from_env();
    }
    // Nobody else has made it when both servers are somebody else's.
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir).context("make the data folder")?;
    let path = data_dir.join(FILE);
    make(&path).with_context(|| format!("write {}", path.display()))?;
    let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    text.parse()
        .with_context(|| format!("{} holds no secret key; remove it to have a new one made", path.display()))
}

fn make(path: &Path) -> anyhow::Result<()> {
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let key = STANDARD.encode(IdSource::from_system()?.secret::<32>());
    writeln!(file, "{key}")?;
    Ok(file.sync_all()?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let folder = std::env::temp_dir().join(format!("refero-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(FILE);
        make(&path).unwrap();
        let first = fs::read_to_string(&path).unwrap();
        make(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
        assert!(first.trim().parse::<Secrets>().is_ok());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(&folder).unwrap();
    }
}

use std::path::Path;

use anyhow::Context;
use domain::users::Secrets;

use super::kept;

/// The secret key of `REFERO_SECRET_KEY`, or else the one in the data folder, which is made at the first start.
///
/// # Errors
/// When the key cannot be read, or is none.
pub fn find_or_make(data_dir: &Path) -> anyhow::Result<Secrets> {
    if env::var("REFERO_SECRET_KEY")?.is_some() {
        return Secrets::from_env();
    }
    let (path, text) = kept::find_or_make(data_dir, "secret_key", "")?;
    text.parse()
        .with_context(|| format!("{} holds no secret key; remove it to have a new one made", path.display()))
}

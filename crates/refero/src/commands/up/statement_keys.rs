use std::path::Path;

use anyhow::Context;
use documents::SigningKeys;

use super::kept;

/// The keys of `STATEMENT_KEYS`, or else those in the data folder, of which one is made at the first start.
///
/// # Errors
/// When they cannot be read, or are none.
pub fn find_or_make(data_dir: &Path) -> anyhow::Result<SigningKeys> {
    if let Some(keys) = SigningKeys::from_env()? {
        return Ok(keys);
    }
    let (path, text) = kept::find_or_make(data_dir, "statement_keys", "first:")?;
    text.trim().parse().with_context(|| format!("{} holds no keys", path.display()))
}

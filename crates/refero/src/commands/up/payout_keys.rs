use std::path::Path;

use anyhow::Context;
use vault::Vault;

use super::kept;

/// The keys of `PAYOUT_KEYS`, or else those in the data folder, of which one is made at the first start.
///
/// # Errors
/// When they cannot be read, or are none.
pub fn find_or_make(data_dir: &Path) -> anyhow::Result<Vault> {
    if let Some(vault) = Vault::from_env()? {
        return Ok(vault);
    }
    let (path, text) = kept::find_or_make(data_dir, "payout_keys", "first:")?;
    text.trim().parse().with_context(|| format!("{} holds no keys", path.display()))
}

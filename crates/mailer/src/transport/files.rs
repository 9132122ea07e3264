use std::{fs::DirBuilder, io, os::unix::fs::DirBuilderExt as _, path::PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use tokio::{fs, io::AsyncWriteExt as _};

use crate::{Message, SendError, Sent};

/// Writes one `.eml` file per message.
pub(crate) struct Files {
    folder: PathBuf,
}

impl Files {
    /// Makes the folder, for its owner only: the links in the files open accounts.
    pub(crate) fn create(folder: PathBuf) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("the mail folder {} cannot be made", folder.display()))?;
        Ok(Self { folder })
    }

    /// The name follows from date, template and Message-ID: files sort by time, and a second attempt replaces
    /// the file of the first.
    pub(crate) async fn write(
        &self,
        message: &Message,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Sent, SendError> {
        let id: String =
            message.message_id.split('@').next().unwrap_or_default().chars().filter(is_plain).collect();
        let name = format!("{}-{}-{id}.eml", now.format("%Y%m%dT%H%M%SZ"), message.rendered.template);
        let path = self.folder.join(&name);
        let draft = self.folder.join(format!(".{name}"));
        // Readers see whole messages only.
        let written = async {
            write_private(&draft, bytes).await?;
            fs::rename(&draft, &path).await
        };
        written.await.map_err(|error| SendError::transient(format!("the mail folder: {error}")))?;
        Ok(Sent { response: path.display().to_string() })
    }
}

async fn write_private(path: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await
}

fn is_plain(c: &char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '=')
}

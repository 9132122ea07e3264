use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, FileId, TypedId};
use vault::{OpenError, Vault};

use crate::schema::files;

/// A file with its bytes.
#[derive(Debug, Clone)]
pub struct FileContent {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes, as they were given or made.
    pub bytes: Vec<u8>,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No key opens it.
    #[error(transparent)]
    Sealed(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = files)]
struct Stored {
    name: String,
    content_type: String,
    key_id: Option<String>,
    bytes: Vec<u8>,
}

impl FileContent {
    /// What a file of that account holds, opened by the vault if it is sealed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read(
        conn: &mut AsyncPgConnection,
        vault: Option<&Vault>,
        (account_id, id): (AccountId, FileId),
    ) -> Result<Option<Self>, ReadError> {
        let stored = files::table
            .filter(files::account_id.eq(account_id))
            .filter(files::id.eq(id))
            .select(Stored::as_select())
            .first(conn)
            .await
            .optional()?;
        let Some(Stored { name, content_type, key_id, bytes }) = stored else { return Ok(None) };
        let bytes = match key_id {
            None => bytes,
            Some(key_id) => opened(vault, key_id, &bytes, id)?,
        };
        Ok(Some(Self { name, content_type, bytes }))
    }
}

fn opened(vault: Option<&Vault>, key_id: String, bytes: &[u8], id: FileId) -> Result<Vec<u8>, OpenError> {
    let Some(vault) = vault else { return Err(OpenError::UnknownKey { key_id }) };
    Ok(vault.open(&key_id, bytes, id.uuid().as_bytes())?.to_vec())
}

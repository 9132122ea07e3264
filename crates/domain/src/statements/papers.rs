use diesel_async::AsyncPgConnection;
use ids::{AccountId, FileId};

use crate::{
    act::Act,
    files::{CreateError, File, NewFile},
};

/// A paper in its three forms, as it is kept.
#[derive(Debug, Clone)]
pub struct Papers {
    /// As PDF.
    pub pdf: Vec<u8>,
    /// As CSV.
    pub csv: Vec<u8>,
    /// As canonical JSON.
    pub json: Vec<u8>,
    /// The signature of exactly the bytes of the JSON; `None` where there is no key.
    pub signature: Option<PaperSignature>,
}

/// Who vouches for a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperSignature {
    /// The key.
    pub key_id: String,
    /// Ed25519, 64 bytes.
    pub bytes: Vec<u8>,
}

/// Where the three forms are kept.
pub(crate) struct Kept {
    pub(crate) pdf: FileId,
    pub(crate) csv: FileId,
    pub(crate) json: FileId,
}

impl Papers {
    /// Keeps the three forms under that name, in the caller's transaction.
    pub(crate) async fn keep(
        self,
        conn: &mut AsyncPgConnection,
        (account_id, name): (AccountId, &str),
        act: &Act,
    ) -> Result<(Kept, Option<PaperSignature>), CreateError> {
        let mut kept = Vec::new();
        for (ending, content_type, bytes) in [
            ("pdf", "application/pdf", self.pdf),
            ("csv", "text/csv", self.csv),
            ("json", "application/json", self.json),
        ] {
            let name = format!("{name}.{ending}");
            let new = NewFile { name, content_type: content_type.to_owned(), bytes };
            // Nothing in it says where money goes, and whoever has the key of signatures must not need another one to read it.
            kept.push(File::create(conn, None, (account_id, &new), act).await?.id);
        }
        let &[pdf, csv, json] = kept.as_slice() else { return Err(CreateError::Empty) };
        Ok((Kept { pdf, csv, json }, self.signature))
    }
}

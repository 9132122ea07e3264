use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::TermsId;

use super::Terms;
use crate::{act::Act, audit, schema::terms, scope::AccountScope};

/// Why a draft was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteDraftError {
    /// No such version in reach.
    #[error("no such terms")]
    NotFound,
    /// What is published stays.
    #[error("the terms are published")]
    Published,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Terms {
    /// Deletes a draft and answers with what it was. Its number is given again.
    ///
    /// # Errors
    /// [`DeleteDraftError`].
    pub async fn delete_draft(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: TermsId,
        act: &Act,
    ) -> Result<Self, DeleteDraftError> {
        conn.transaction(async |conn| {
            let draft = Self::find_locked(conn, scope, id).await?.ok_or(DeleteDraftError::NotFound)?;
            if draft.is_published() {
                return Err(DeleteDraftError::Published);
            }
            diesel::delete(terms::table.find(draft.id)).execute(conn).await?;
            let change = (Some(&draft), None);
            audit::record(conn, act, draft.account_id, "termsDraftDelete", draft.id, change).await?;
            Ok(draft)
        })
        .await
    }
}

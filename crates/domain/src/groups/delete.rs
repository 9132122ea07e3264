use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::GroupId;

use super::Group;
use crate::{act::Act, audit, db, schema::groups, scope::AccountScope};

/// Why a group was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// No such group in reach.
    #[error("no such group")]
    NotFound,
    /// Partners are in it.
    #[error("partners are in it")]
    NotEmpty,
    /// Terms are written for it.
    #[error("terms are written for it")]
    HasTerms,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Group {
    /// Deletes the group `id`, which has no partners and no terms of its own, and answers with what it was.
    ///
    /// # Errors
    /// [`DeleteError`].
    pub async fn delete(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: GroupId,
        act: &Act,
    ) -> Result<Self, DeleteError> {
        let done = conn.transaction(async |conn| {
            let group = Self::find_locked(conn, scope, id).await?.ok_or(DeleteError::NotFound)?;
            // Whoever puts a partner into it at this moment holds the row or waits for it: the key decides.
            diesel::delete(groups::table.find(group.id)).execute(conn).await?;
            audit::record(conn, act, group.account_id, "groupDelete", group.id, (Some(&group), None)).await?;
            Ok(group)
        });
        done.await.map_err(|error| match error {
            DeleteError::Database(error) => match db::violated_constraint(&error) {
                Some("partners_group_fkey") => DeleteError::NotEmpty,
                Some("terms_group_fkey") => DeleteError::HasTerms,
                _ => DeleteError::Database(error),
            },
            other => other,
        })
    }
}

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::GroupId;

use super::{Group, model};
use crate::{
    act::Act,
    audit, db,
    schema::groups,
    scope::AccountScope,
    text::{Checks, FieldProblem},
};

/// Changes of a group; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct GroupChanges {
    /// 1 to 100 characters, unique in the program whatever the case.
    pub name: Option<String>,
}

/// Why a group was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No such group in reach.
    #[error("no such group")]
    NotFound,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// Another group of the program has the name.
    #[error("the name is taken")]
    NameTaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Group {
    /// Changes the group `id`. Its name is for people alone: partners, terms and events know the id.
    ///
    /// # Errors
    /// [`UpdateError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: GroupId,
        changes: &GroupChanges,
        act: &Act,
    ) -> Result<Self, UpdateError> {
        let mut checks = Checks::default();
        let name = changes.name.as_deref().and_then(|name| checks.take("name", model::name(name)));
        let name = checks.done(name).map_err(UpdateError::Invalid)?;
        let done = conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, id).await?.ok_or(UpdateError::NotFound)?;
            let Some(name) = name.filter(|name| *name != before.name) else { return Ok(before) };
            let after: Self = diesel::update(groups::table.find(before.id))
                .set((groups::name.eq(name), groups::updated_at.eq(act.now)))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "groupUpdate", after.id, change).await?;
            Ok(after)
        });
        done.await.map_err(|error| match error {
            UpdateError::Database(error) if db::violated_constraint(&error) == Some("groups_name_key") => {
                UpdateError::NameTaken
            }
            other => other,
        })
    }
}

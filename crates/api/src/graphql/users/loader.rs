use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use domain::db::Db;
use ids::UserId;

use super::User;
use crate::graphql::error::ApiError;

/// Loads users for edges that lead to them. Users belong to no account, so no field takes a user's id.
pub struct UserLoader {
    pub(crate) db: Db,
}

impl UserLoader {
    /// The user at the end of an edge; `None` once they are gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(ctx: &Context<'_>, id: UserId) -> Result<Option<User>, ApiError> {
        ctx.data_unchecked::<DataLoader<Self>>().load_one(id).await
    }
}

impl Loader<UserId> for UserLoader {
    type Value = User;
    type Error = ApiError;

    async fn load(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>, ApiError> {
        let rows = domain::users::User::find_all(&mut *self.db.get().await?, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, User(row))).collect())
    }
}

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader as BatchLoader},
};
use ids::ProgramId;

use super::Program;
use crate::graphql::{context::Loader, error::ApiError};

impl BatchLoader<ProgramId> for Loader {
    type Value = Program;
    type Error = ApiError;

    async fn load(&self, ids: &[ProgramId]) -> Result<HashMap<ProgramId, Program>, ApiError> {
        let rows = domain::programs::Program::find_all(&mut *self.db.get().await?, &self.scope, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Program(row))).collect())
    }
}

/// Those of these programs that are in reach, in their order.
///
/// # Errors
/// When the database fails.
pub async fn in_reach(ctx: &Context<'_>, ids: &[ProgramId]) -> Result<Vec<Program>, ApiError> {
    let Some(loader) = ctx.data_opt::<DataLoader<Loader>>() else { return Ok(Vec::new()) };
    let mut found = loader.load_many(ids.iter().copied()).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
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

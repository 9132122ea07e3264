use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::{db::Db, operations::JobScope};
use ids::JobId;

use super::Job;
use crate::graphql::error::ApiError;

/// Loads jobs by id in batches. Apart from the loader of an account's objects: operators reach jobs without an account.
pub struct JobLoader {
    /// The database.
    pub db: Db,
    /// What the viewer reaches.
    pub scope: JobScope,
}

impl Loader<JobId> for JobLoader {
    type Value = Job;
    type Error = ApiError;

    async fn load(&self, ids: &[JobId]) -> Result<HashMap<JobId, Job>, ApiError> {
        let rows = self.scope.find_all(&mut *self.db.get().await?, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Job(row))).collect())
    }
}

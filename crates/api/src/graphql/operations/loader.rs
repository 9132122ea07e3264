use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::{db::Db, operations::JobScope};
use ids::JobId;
use queue::find::JobState;

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

/// Where the job of an operation stands. Whoever reaches the operation may know that, also where the job is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateOf(pub JobId);

impl Loader<StateOf> for JobLoader {
    type Value = JobState;
    type Error = ApiError;

    async fn load(&self, jobs: &[StateOf]) -> Result<HashMap<StateOf, JobState>, ApiError> {
        let ids: Vec<JobId> = jobs.iter().map(|job| job.0).collect();
        let rows = JobScope::Instance.find_all(&mut *self.db.get().await?, &ids).await?;
        Ok(rows.into_iter().map(|row| (StateOf(row.id), row.state())).collect())
    }
}

use std::collections::HashMap;

use async_graphql::{Context, dataloader::Loader as BatchLoader};
use chrono::{DateTime, Utc};
use domain::terms::TermsFor;
use ids::ProgramId;

use super::Terms;
use crate::graphql::{
    context::{Loader, Request},
    error::ApiError,
};

/// The key of the version for whom it is that is in force for a program's new customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InForceOf {
    program: ProgramId,
    whose: TermsFor,
    /// The instant of the request: the same for all keys of a batch.
    at: DateTime<Utc>,
}

/// The key of a program's draft for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DraftOf(pub ProgramId);

impl InForceOf {
    /// The version in force now.
    pub fn now(ctx: &Context<'_>, program: ProgramId, whose: TermsFor) -> Self {
        Self { program, whose, at: Request::of(ctx).act.now }
    }
}

impl BatchLoader<InForceOf> for Loader {
    type Value = Terms;
    type Error = ApiError;

    async fn load(&self, keys: &[InForceOf]) -> Result<HashMap<InForceOf, Terms>, ApiError> {
        let Some(&InForceOf { at, .. }) = keys.first() else { return Ok(HashMap::new()) };
        let asked: Vec<_> = keys.iter().map(|key| (key.program, key.whose)).collect();
        let mut conn = self.db.get().await?;
        let rows = domain::terms::Terms::in_force_of(&mut conn, &self.scope, &asked, at).await?;
        let key = |row: &domain::terms::Terms| InForceOf { program: row.program_id, whose: row.whose(), at };
        Ok(rows.into_iter().map(|row| (key(&row), Terms(row))).collect())
    }
}

impl BatchLoader<DraftOf> for Loader {
    type Value = Terms;
    type Error = ApiError;

    async fn load(&self, keys: &[DraftOf]) -> Result<HashMap<DraftOf, Terms>, ApiError> {
        let programs: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows =
            domain::terms::Terms::drafts_of(&mut *self.db.get().await?, &self.scope, &programs).await?;
        Ok(rows.into_iter().map(|row| (DraftOf(row.program_id), Terms(row))).collect())
    }
}

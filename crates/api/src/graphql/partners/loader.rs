use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use domain::partners::PartnerProfile;
use ids::{PartnerId, PartnerProfileId};

use super::Partner;
use crate::graphql::{context::Loader, error::ApiError};

impl BatchLoader<PartnerId> for Loader {
    type Value = Partner;
    type Error = ApiError;

    async fn load(&self, ids: &[PartnerId]) -> Result<HashMap<PartnerId, Partner>, ApiError> {
        let rows = domain::partners::Partner::find_all(&mut *self.db.get().await?, &self.scope, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Partner(row))).collect())
    }
}

impl BatchLoader<PartnerProfileId> for Loader {
    type Value = PartnerProfile;
    type Error = ApiError;

    async fn load(
        &self,
        ids: &[PartnerProfileId],
    ) -> Result<HashMap<PartnerProfileId, PartnerProfile>, ApiError> {
        let rows = PartnerProfile::find_all(&mut *self.db.get().await?, &self.scope, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use chrono::{DateTime, Utc};
use domain::rates::ExchangeRate;
use money::Currency;

use crate::graphql::{context::Loader, error::ApiError};

/// The rate from one currency to another that counts at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateAt(pub Currency, pub Currency, pub DateTime<Utc>);

impl BatchLoader<RateAt> for Loader {
    type Value = ExchangeRate;
    type Error = ApiError;

    async fn load(&self, keys: &[RateAt]) -> Result<HashMap<RateAt, ExchangeRate>, ApiError> {
        let asked: Vec<_> = keys.iter().map(|key| (key.0, key.1, key.2)).collect();
        let latest = ExchangeRate::latest(&mut *self.db.get().await?, self.scope.account_id, &asked).await?;
        Ok(keys.iter().copied().zip(latest).filter_map(|(key, rate)| Some((key, rate?))).collect())
    }
}

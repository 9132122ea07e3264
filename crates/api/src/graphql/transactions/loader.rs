use std::collections::{HashMap, HashSet};

use async_graphql::dataloader::Loader as BatchLoader;
use domain::{rewards::StoredEvaluation, transactions::Transaction};
use ids::{PartnerId, TransactionId};

use crate::graphql::{connection::COUNT_CAP, context::Loader, error::ApiError};

/// The key of a page of sales of a partner's customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SalesOf {
    /// The partner.
    pub partner: PartnerId,
    /// The last sale seen.
    pub after: Option<TransactionId>,
    /// How many rows are looked for.
    pub most: i64,
}

/// The key of how many sales a partner's customers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SaleCountOf(pub PartnerId);

impl BatchLoader<SalesOf> for Loader {
    type Value = Vec<Transaction>;
    type Error = ApiError;

    async fn load(&self, keys: &[SalesOf]) -> Result<HashMap<SalesOf, Vec<Transaction>>, ApiError> {
        let mut conn = self.db.get().await?;
        let mut sales: HashMap<SalesOf, Vec<Transaction>> = HashMap::new();
        // One place and length is what a page of partners has; more come of aliases alone.
        for (after, most) in keys.iter().map(|key| (key.after, key.most)).collect::<HashSet<_>>() {
            let wanted = keys.iter().filter(|key| (key.after, key.most) == (after, most));
            let partners: Vec<_> = wanted.map(|key| key.partner).collect();
            let found =
                StoredEvaluation::sales_of_partners(&mut conn, &self.scope, &partners, (after, most)).await?;
            for (partner, sale) in found {
                sales.entry(SalesOf { partner, after, most }).or_default().push(sale);
            }
        }
        Ok(sales)
    }
}

impl BatchLoader<SaleCountOf> for Loader {
    type Value = i64;
    type Error = ApiError;

    async fn load(&self, keys: &[SaleCountOf]) -> Result<HashMap<SaleCountOf, i64>, ApiError> {
        let partners: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.db.get().await?;
        let counts =
            StoredEvaluation::count_of_partners(&mut conn, &self.scope, &partners, COUNT_CAP).await?;
        Ok(counts.into_iter().map(|(partner, count)| (SaleCountOf(partner), count)).collect())
    }
}

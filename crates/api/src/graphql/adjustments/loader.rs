use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use domain::{adjustments::Adjustment, transactions::Transaction};
use ids::ProgramId;

use crate::graphql::{context::Loader, error::ApiError};

/// A sale by its key, which may not have arrived.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SaleOfKey(pub ProgramId, pub String);

/// All adjustments of the sale of this key, in the order of recording.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AdjustmentsOf(pub ProgramId, pub String);

impl BatchLoader<SaleOfKey> for Loader {
    type Value = Transaction;
    type Error = ApiError;

    async fn load(&self, keys: &[SaleOfKey]) -> Result<HashMap<SaleOfKey, Transaction>, ApiError> {
        let wanted: Vec<_> = keys.iter().map(|key| (key.0, key.1.clone())).collect();
        let sales = Transaction::find_by_keys(&mut *self.db.get().await?, &self.scope, &wanted).await?;
        Ok(sales.into_iter().map(|sale| (SaleOfKey(sale.program_id, sale.key.clone()), sale)).collect())
    }
}

impl BatchLoader<AdjustmentsOf> for Loader {
    type Value = Vec<Adjustment>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[AdjustmentsOf],
    ) -> Result<HashMap<AdjustmentsOf, Vec<Adjustment>>, ApiError> {
        let wanted: Vec<_> = keys.iter().map(|key| (key.0, key.1.clone())).collect();
        let mut lists: HashMap<AdjustmentsOf, Vec<Adjustment>> = HashMap::new();
        for found in Adjustment::of_sales(&mut *self.db.get().await?, &self.scope, &wanted).await? {
            if let Some(key) = found.transaction_key.clone() {
                lists.entry(AdjustmentsOf(found.program_id, key)).or_default().push(found);
            }
        }
        Ok(lists)
    }
}

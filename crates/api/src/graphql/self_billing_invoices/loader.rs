use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use ids::PayoutId;

use super::SelfBillingInvoice;
use crate::graphql::{context::Loader, error::ApiError};

/// The key of the invoice of a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvoiceOf(pub PayoutId);

impl BatchLoader<InvoiceOf> for Loader {
    type Value = SelfBillingInvoice;
    type Error = ApiError;

    async fn load(&self, keys: &[InvoiceOf]) -> Result<HashMap<InvoiceOf, SelfBillingInvoice>, ApiError> {
        use domain::self_billing_invoices::SelfBillingInvoice as Stored;
        let payouts: Vec<PayoutId> = keys.iter().map(|key| key.0).collect();
        let found = Stored::of_payouts(&mut *self.db.get().await?, &self.scope, &payouts).await?;
        Ok(found.into_iter().map(|invoice| (InvoiceOf(invoice.payout_id), invoice.into())).collect())
    }
}

use ids::{AccountId, SelfBillingInvoiceId};
use queue::{Job, Queue};
use serde::{Deserialize, Serialize};

/// Renders an invoice that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderInvoice {
    /// The tenant.
    pub account_id: AccountId,
    /// The invoice.
    pub invoice_id: SelfBillingInvoiceId,
}

impl Job for RenderInvoice {
    const KIND: &'static str = "self_billing_invoices.render";
    const QUEUE: Queue = Queue::Payouts;

    fn unique_key(&self) -> Option<String> {
        Some(self.invoice_id.to_string())
    }
}

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::self_billing_invoices::{RenderInvoice, SelfBillingInvoice};
use ids::IdSource;

use super::invoice_paper;
use crate::{
    handler::{Act, Claimed, Failure},
    statements::Printer,
};

/// Renders and signs an invoice that is pending; one that is ready stays as it is.
pub struct RenderInvoiceHandler {
    /// Where new ids come from.
    pub ids: IdSource,
    /// Draws and signs.
    pub printer: Printer,
}

impl Act for RenderInvoiceHandler {
    type Job = RenderInvoice;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<RenderInvoice>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let RenderInvoice { account_id, invoice_id } = job.args;
            let Some(invoice) = SelfBillingInvoice::find_pending(conn, account_id, invoice_id).await? else {
                continue;
            };
            let facts = invoice.facts(conn).await?;
            let papers = self.printer.invoice(invoice_paper::paper(&invoice, &facts)).await?;
            invoice.ready(conn, papers, &job.circumstances(now, &self.ids)).await?;
        }
        Ok(())
    }
}

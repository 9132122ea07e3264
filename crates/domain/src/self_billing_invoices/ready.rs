use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::SelfBillingInvoice;
use crate::{
    act::Act,
    files::CreateError,
    schema::self_billing_invoices as invoices,
    statements::{PaperStatus, Papers},
};

impl SelfBillingInvoice {
    /// Keeps the papers of an invoice that is pending, whose row the caller has locked, in the caller's transaction. It never
    /// changes from then on.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn ready(
        &self,
        conn: &mut AsyncPgConnection,
        papers: Papers,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let (kept, signature) = papers.keep(conn, (self.account_id, &self.number()), act).await?;
        let after = diesel::update(invoices::table.find(self.id))
            .set((
                invoices::status.eq(PaperStatus::Ready),
                invoices::pdf_id.eq(kept.pdf),
                invoices::csv_id.eq(kept.csv),
                invoices::json_id.eq(kept.json),
                invoices::signature.eq(signature.as_ref().map(|one| &one.bytes)),
                invoices::key_id.eq(signature.as_ref().map(|one| &one.key_id)),
                invoices::ready_at.eq(act.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        Ok(after)
    }
}

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PayoutId, SelfBillingInvoiceId};

use super::SelfBillingInvoice;
use crate::{schema::self_billing_invoices, scope::AccountScope, statements::PaperStatus};

impl SelfBillingInvoice {
    /// The invoices of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[SelfBillingInvoiceId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = self_billing_invoices::table
            .filter(self_billing_invoices::account_id.eq(scope.account_id))
            .filter(self_billing_invoices::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The invoices of these payouts that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_payouts(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        payouts: &[PayoutId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = self_billing_invoices::table
            .filter(self_billing_invoices::account_id.eq(scope.account_id))
            .filter(self_billing_invoices::payout_id.eq_any(payouts))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The invoice of that id if it waits to be rendered, its row locked until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_pending(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        id: SelfBillingInvoiceId,
    ) -> QueryResult<Option<Self>> {
        self_billing_invoices::table
            .filter(self_billing_invoices::account_id.eq(account_id))
            .filter(self_billing_invoices::id.eq(id))
            .filter(self_billing_invoices::status.eq(PaperStatus::Pending))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }
}

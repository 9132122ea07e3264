//! Invoices that accounts make out to themselves for partners who were paid.

mod loader;
mod object;

use async_graphql::{Context, Object};
use domain::self_billing_invoices::RequestError;
use ids::{PayoutId, SelfBillingInvoiceId};
pub use loader::InvoiceOf;
pub use object::SelfBillingInvoice;

use super::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(SelfBillingInvoiceId => SelfBillingInvoice of domain::self_billing_invoices::SelfBillingInvoice);

payload!(
    /// What a mutation of a self-billing invoice answers.
    SelfBillingInvoicePayload {
        /// The invoice as it is now; null when nothing was done.
        self_billing_invoice: SelfBillingInvoice
    }
);

/// What can be done about self-billing invoices.
#[derive(Default)]
pub struct SelfBillingInvoiceMutation;

#[Object]
impl SelfBillingInvoiceMutation {
    /// Makes out an invoice to yourself for what a payout that was PAID has paid, with the next number of the account's year. It is
    /// PENDING until a job has rendered it, and never changes then. The same payout again answers with the same invoice. You need the
    /// payee's consent to that, and taxes are not computed. A payout that came with the partner's own invoice gets none.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_invoice_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`")] payout_id: PayoutId,
    ) -> Result<SelfBillingInvoicePayload, ApiError> {
        use domain::self_billing_invoices::SelfBillingInvoice as Stored;
        let request = Request::of(ctx);
        let (scope, act) = (request.scope()?, &request.act);
        let mut conn = request.conn().await?;
        SelfBillingInvoicePayload::of(Stored::request(&mut conn, scope, payout_id, act).await)
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::NotFound => UserError::not_found("payoutId", "payout").into(),
            RequestError::WrongState { current } => UserError::wrong_state("payout", current).into(),
            RequestError::Invoiced => {
                let sentence = "The partner has sent an invoice for this payout.";
                UserError::at(&["payoutId"], UserErrorCode::Taken, sentence).into()
            }
            RequestError::InvoicedBefore { payout_id } => {
                let sentence = format!(
                    "{payout_id}, which came back and is tried again, was invoiced: that invoice stands."
                );
                UserError::at(&["payoutId"], UserErrorCode::Taken, sentence).into()
            }
            RequestError::Database(error) => error.into(),
        }
    }
}

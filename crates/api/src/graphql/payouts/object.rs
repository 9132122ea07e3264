use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::{
    page::{Page, PageArgs},
    payouts::PayoutAction as Action,
    team::Permission as P,
};

use super::{
    PayoutItemConnection,
    enums::{PayoutAction, PayoutStatus},
    item::Priced,
    loader::ItemsOf,
};
use crate::graphql::{
    connection,
    context::Request,
    error::ApiError,
    files::File,
    guard::{Needs, Permission, needs},
    hex,
    partners::Partner,
    payout_batches::{PayoutBatch, PayoutSubmission},
    payout_methods::PayoutMethod,
    payout_policies::PayoutFeePayer,
    programs::Program,
    scalars::Money,
    self_billing_invoices::{InvoiceOf, SelfBillingInvoice},
    users::Actor,
};

/// What a partner is paid at once. Its items and its amount never change; a refund that comes meanwhile is an item of the next
/// payout. From request to paid: `payoutRequest` reserves the amount, `payoutsApprove` approves it, `payoutBatchCreate` takes it
/// into a batch (and makes payouts for partners who asked for nothing), another person approves the batch where the program
/// wants four eyes, `payoutBatchExecute` sends it, and the provider, a result file or `payoutMarkPaid` says that it arrived.
#[derive(Clone)]
pub struct Payout(pub domain::payouts::Payout);

impl From<domain::payouts::Payout> for Payout {
    fn from(payout: domain::payouts::Payout) -> Self {
        Self(payout)
    }
}

impl Payout {
    /// Whether the viewer may do that, and the payout stands where it can be done.
    async fn can(&self, ctx: &Context<'_>, action: Action) -> Result<bool, ApiError> {
        let right = match action {
            Action::Resubmit | Action::Withdraw => P::PartnersWrite,
            Action::MarkPaid | Action::MarkFailed => P::PayoutsExecute,
            Action::Approve | Action::Reject | Action::RequestChanges | Action::Cancel => P::PayoutsApprove,
        };
        if !Request::of(ctx).viewer.permits(right) || !action.allowed_from(self.0.status) {
            return Ok(false);
        }
        if !action.settles() {
            return Ok(true);
        }
        // What a provider tells of, people do not.
        Ok(self.its_batch(ctx).await?.is_some_and(|batch| !batch.0.rail.is_called()))
    }

    async fn its_batch(&self, ctx: &Context<'_>) -> Result<Option<PayoutBatch>, ApiError> {
        let Some(id) = self.0.batch_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }
}

/// What a partner is paid at once. Its items and its amount never change; a refund that comes meanwhile is an item of the next
/// payout. From request to paid: `payoutRequest` reserves the amount, `payoutsApprove` approves it, `payoutBatchCreate` takes it
/// into a batch (and makes payouts for partners who asked for nothing), another person approves the batch where the program
/// wants four eyes, `payoutBatchExecute` sends it, and the provider, a result file or `payoutMarkPaid` says that it arrived.
#[Object]
impl Payout {
    /// `pay_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// Who is paid.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.partner_id).await
    }

    /// Where it stands.
    async fn status(&self) -> PayoutStatus {
        self.0.status.into()
    }

    /// Who bears what the provider charges, as the policy said when the payout was made.
    async fn fee_payer(&self) -> PayoutFeePayer {
        self.0.fee_payer.into()
    }

    /// The sum of its items, above 0.
    async fn amount(&self) -> Money {
        self.0.money().into()
    }

    /// How many items it has.
    async fn item_count(&self) -> i32 {
        self.0.items
    }

    /// What it pays and takes off, the oldest first.
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<PayoutItemConnection, ApiError> {
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let wanted = ItemsOf { whose: self.0.id, after: page.after, most: page.limit() };
        let rows = Request::loader(ctx)?.load_one(wanted).await?.unwrap_or_default();
        let rows: Vec<Priced> = rows.into_iter().map(|row| Priced(row, self.0.currency)).collect();
        let total = Some(i64::from(self.0.items));
        Ok(PayoutItemConnection::of(Page::of(rows, &page), page.after.is_none(), total))
    }

    /// SHA-256, in hexadecimal, of partner, currency, amount and items.
    async fn content_hash(&self) -> String {
        hex(&self.0.content_hash)
    }

    /// Where the money goes; null when the partner is out of reach.
    async fn method(&self, ctx: &Context<'_>) -> Result<Option<PayoutMethod>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.method_id).await
    }

    /// Whether a batch made it, and nobody asked for it.
    async fn by_batch(&self) -> bool {
        self.0.by_batch
    }

    /// The batch that it is in, or was in when it ended; null before.
    async fn batch(&self, ctx: &Context<'_>) -> Result<Option<PayoutBatch>, ApiError> {
        self.its_batch(ctx).await
    }

    /// The call or the file that it was sent with; null before.
    async fn submission(&self, ctx: &Context<'_>) -> Result<Option<PayoutSubmission>, ApiError> {
        let Some(id) = self.0.submission_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The failed or returned payout that it tries again; null of others.
    async fn retry_of(&self, ctx: &Context<'_>) -> Result<Option<Self>, ApiError> {
        let Some(id) = self.0.retry_of else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The partner's invoice; null if there is none. An invoice holds personal data.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn invoice(&self, ctx: &Context<'_>) -> Result<Option<File>, ApiError> {
        let Some(id) = self.0.invoice_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The invoice that the account made out to itself for it, by `payoutInvoiceRequest`; null if there is none.
    async fn self_billing_invoice(&self, ctx: &Context<'_>) -> Result<Option<SelfBillingInvoice>, ApiError> {
        Request::loader(ctx)?.load_one(InvoiceOf(self.0.id)).await
    }

    /// What was said with the last decision, or with the failure.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The provider's word for why it failed.
    async fn failure_code(&self) -> Option<&str> {
        self.0.failure_code.as_deref()
    }

    /// What the provider calls it, or whoever paid it by hand.
    async fn provider_reference(&self) -> Option<&str> {
        self.0.provider_reference.as_deref()
    }

    /// What the provider charged; null where it did not say.
    async fn fee(&self) -> Option<Money> {
        self.0.fee_money().map(Into::into)
    }

    /// What the viewer can do with it now.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<Vec<PayoutAction>, ApiError> {
        let mut can = Vec::new();
        for action in Action::ALL {
            if self.can(ctx, *action).await? {
                can.push((*action).into());
            }
        }
        Ok(can)
    }

    /// Who asked for it; of a payout that a batch made, who prepared that.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::of_stored(ctx, &self.0.requested_by).await
    }

    /// Who approved the request; the system by the name of `policy` where the policy did. Null before, and of a payout that nobody
    /// asked for.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Actor>, ApiError> {
        match &self.0.approved_by {
            Some(approver) => Actor::of_stored(ctx, approver).await.map(Some),
            None => Ok(None),
        }
    }

    /// When it was asked for, or made by a batch.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the request was approved.
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.approved_at
    }

    /// When it went on its way.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }

    /// When it was paid, or ended otherwise.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// When its state last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

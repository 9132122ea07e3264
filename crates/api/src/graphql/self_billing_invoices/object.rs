use async_graphql::{Context, ID, Object};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use crate::graphql::{
    context::Request,
    error::ApiError,
    files::File,
    guard::{Needs, Permission, needs},
    payouts::Payout,
    statements::PaperStatus,
    users::Actor,
};

/// An invoice that the account makes out to itself for a partner who was paid. Its number is its own from the beginning; once it is
/// READY it never changes.
#[derive(Clone)]
pub struct SelfBillingInvoice(pub domain::self_billing_invoices::SelfBillingInvoice);

impl From<domain::self_billing_invoices::SelfBillingInvoice> for SelfBillingInvoice {
    fn from(invoice: domain::self_billing_invoices::SelfBillingInvoice) -> Self {
        Self(invoice)
    }
}

/// An invoice that the account makes out to itself for a partner who was paid. Its number is its own from the beginning; once it is
/// READY it never changes.
#[Object]
impl SelfBillingInvoice {
    /// `sbi_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What it is called on paper, e.g. `SB-2026-000017`: counted per account and year, without a gap.
    async fn number(&self) -> String {
        self.0.number()
    }

    /// Where it stands.
    async fn status(&self) -> PaperStatus {
        self.0.status.into()
    }

    /// What was paid.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout(&self, ctx: &Context<'_>) -> Result<Option<Payout>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.payout_id).await
    }

    /// As PDF (PDF/A-2b); null until it is READY. It holds personal data.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn pdf(&self, ctx: &Context<'_>) -> Result<Option<File>, ApiError> {
        File::of(ctx, self.0.pdf_id).await
    }

    /// As CSV, a row for each line and each sum; null until it is READY. It holds personal data.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn csv(&self, ctx: &Context<'_>) -> Result<Option<File>, ApiError> {
        File::of(ctx, self.0.csv_id).await
    }

    /// As canonical JSON (RFC 8785): exactly these bytes are signed; null until it is READY. It holds personal data.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn json(&self, ctx: &Context<'_>) -> Result<Option<File>, ApiError> {
        File::of(ctx, self.0.json_id).await
    }

    /// The signature of the JSON (Ed25519, 64 bytes), in base64; null until it is READY, and where the instance had no key.
    async fn signature(&self) -> Option<String> {
        self.0.signature.as_ref().map(|bytes| BASE64_STANDARD.encode(bytes))
    }

    /// The key that signed, one of `statementKeys`; null where there is no signature.
    async fn key_id(&self) -> Option<&str> {
        self.0.key_id.as_deref()
    }

    /// Who asked for it.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::of_stored(ctx, &self.0.requested_by).await
    }

    /// When it was asked for: the day on the invoice.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was made.
    async fn ready_at(&self) -> Option<DateTime<Utc>> {
        self.0.ready_at
    }
}

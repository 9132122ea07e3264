use async_graphql::{Context, ID, Object};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::{Month, PaperStatus};
use crate::graphql::{
    context::Request,
    error::ApiError,
    files::File,
    guard::{Needs, Permission, needs},
    partners::Partner,
    programs::Program,
    scalars::{CurrencyCode, Money},
    users::Actor,
};

/// What a partner was owed before a month and after it, and what happened within: rewards released, taken back and given back by
/// day, and each payout. What is owed is what is available and what payouts have reserved. Once it is READY it never changes.
#[derive(Clone)]
pub struct Statement(pub domain::statements::Statement);

impl From<domain::statements::Statement> for Statement {
    fn from(statement: domain::statements::Statement) -> Self {
        Self(statement)
    }
}

/// What a partner was owed before a month and after it, and what happened within: rewards released, taken back and given back by
/// day, and each payout. What is owed is what is available and what payouts have reserved. Once it is READY it never changes.
#[Object]
impl Statement {
    /// `stm_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What it is called on paper, unique in the account.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Where it stands.
    async fn status(&self) -> PaperStatus {
        self.0.status.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// Who was owed.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.partner_id).await
    }

    /// The month of the program's calendar.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }

    /// The currency of all amounts.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.currency)
    }

    /// What was owed before the month, below 0 if the partner owed it; null until it is READY.
    async fn opening(&self) -> Option<Money> {
        self.0.opening_money().map(Into::into)
    }

    /// What was owed after the month; null until it is READY.
    async fn closing(&self) -> Option<Money> {
        self.0.closing_money().map(Into::into)
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

    /// Who asked for it; the system by the job that does so each month.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::of_stored(ctx, &self.0.requested_by).await
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was made.
    async fn ready_at(&self) -> Option<DateTime<Utc>> {
        self.0.ready_at
    }
}

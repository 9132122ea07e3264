//! Adjustments of sales: refunds, chargebacks, won disputes, voids.

mod enums;
mod inputs;
mod loader;
mod object;

use async_graphql::{Context, Object};
use domain::{
    adjustments::{AdjustError, NewAdjustment, NewAdjustmentKind},
    page::PageArgs,
};
pub use enums::TransactionStatus;
use ids::AdjustmentId;
use inputs::{AdjustmentFilter, ChargebackWonInput, RefundInput, WholeAdjustmentInput};
pub use loader::AdjustmentsOf;
pub use object::Adjustment;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(AdjustmentId => Adjustment of domain::adjustments::Adjustment);

connection!(
    /// Adjustments of sales, the last recorded first.
    AdjustmentConnection, AdjustmentEdge, Adjustment, domain::adjustments::Adjustment, |row| row.id
);

payload!(
    /// What a mutation that adjusts a sale answers.
    AdjustmentPayload {
        /// The adjustment; null when it was refused.
        adjustment: Adjustment
    }
);

/// What can be asked about adjustments.
#[derive(Default)]
pub struct AdjustmentQuery;

#[Object]
impl AdjustmentQuery {
    /// The adjustments of sales in reach, the last recorded first.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn adjustments(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which adjustments.")] filter: Option<AdjustmentFilter>,
    ) -> Result<AdjustmentConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::adjustments::Adjustment::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::adjustments::Adjustment::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(AdjustmentConnection::of(rows, page.after.is_none(), total))
    }

    /// The adjustment of this id, or null.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn adjustment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`adj_...`")] id: AdjustmentId,
    ) -> Result<Option<Adjustment>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}

/// What can be done to sales after they were recorded.
#[derive(Default)]
pub struct AdjustmentMutation;

#[Object]
impl AdjustmentMutation {
    /// Records a refund, once per key. What it takes back of rewards is computed a moment later. Refunds of a sale together never
    /// exceed it: REFUND_EXCEEDS_SALE tells in `details.left` what is left of its gross; after a chargeback that stands, or a
    /// void, nothing is left (WRONG_STATE). Refunds that came before their sale count up to it.
    #[graphql(directive = needs::apply(Permission::TransactionsWrite), guard = "Needs(Permission::TransactionsWrite)")]
    async fn transaction_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refund.")] input: RefundInput,
    ) -> Result<AdjustmentPayload, ApiError> {
        AdjustmentPayload::of(record(ctx, input.said()).await)
    }

    /// Records that the payer's bank took back all of a sale, once per key.
    #[graphql(directive = needs::apply(Permission::TransactionsWrite), guard = "Needs(Permission::TransactionsWrite)")]
    async fn transaction_chargeback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The chargeback.")] input: WholeAdjustmentInput,
    ) -> Result<AdjustmentPayload, ApiError> {
        AdjustmentPayload::of(record(ctx, input.said(NewAdjustmentKind::Chargeback)).await)
    }

    /// Records that a chargeback was disputed and won, once per key: it takes nothing back any more. It may arrive before its
    /// chargeback.
    #[graphql(directive = needs::apply(Permission::TransactionsWrite), guard = "Needs(Permission::TransactionsWrite)")]
    async fn transaction_chargeback_won(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The won dispute.")] input: ChargebackWonInput,
    ) -> Result<AdjustmentPayload, ApiError> {
        let request = Request::of(ctx);
        let (mut conn, scope) = (request.conn().await?, request.scope()?);
        let said = input.into();
        let done = domain::adjustments::Adjustment::record_won(&mut conn, scope, &said, &request.act).await;
        AdjustmentPayload::of(done)
    }

    /// Declares that a sale never was (a test, a mistake, a fraud), once per key: all of it is taken back, for good.
    #[graphql(directive = needs::apply(Permission::TransactionsWrite), guard = "Needs(Permission::TransactionsWrite)")]
    async fn transaction_void(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The void.")] input: WholeAdjustmentInput,
    ) -> Result<AdjustmentPayload, ApiError> {
        AdjustmentPayload::of(record(ctx, input.said(NewAdjustmentKind::Void)).await)
    }
}

async fn record(
    ctx: &Context<'_>,
    said: Result<NewAdjustment, UserError>,
) -> Result<domain::adjustments::Adjustment, Refusal> {
    let said = said?;
    let request = Request::of(ctx);
    let mut conn = request.conn().await.map_err(Refusal::Api)?;
    let scope = request.scope().map_err(Refusal::Api)?;
    let done = domain::adjustments::Adjustment::record(&mut conn, scope, &said, &request.act).await;
    Ok(done?)
}

impl From<AdjustError> for Refusal {
    fn from(error: AdjustError) -> Self {
        let at = |field: &str, code, sentence: &str| UserError::at(&["input", field], code, sentence);
        match error {
            AdjustError::ProgramNotFound => {
                at("programId", UserErrorCode::NotFound, "There is no such program.").into()
            }
            AdjustError::TransactionNotFound => {
                at("transactionId", UserErrorCode::NotFound, "There is no such sale.").into()
            }
            AdjustError::WrongState { current } => UserError::wrong_state("program", current).into(),
            AdjustError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            AdjustError::KeyMismatch => UserError::idempotency_mismatch(&["input", "key"]).into(),
            AdjustError::CurrencyMismatch { sale } => {
                let sentence = format!("The sale is in {sale}.");
                at("currency", UserErrorCode::CurrencyMismatch, &sentence).into()
            }
            AdjustError::UnknownLine { place, lines } => {
                let sentence = match lines {
                    1 => "The sale has one line, numbered 0.".to_owned(),
                    _ => format!("The sale has {lines} lines, numbered from 0."),
                };
                let place = place.to_string();
                UserError::at(&["input", "lines", &place, "line"], UserErrorCode::NotFound, sentence).into()
            }
            AdjustError::NothingLeft { status } => UserError::wrong_state("sale", status).into(),
            AdjustError::ExceedsSale { left } => exceeds(left).into(),
            AdjustError::NotAChargeback => {
                let sentence = "This is the key of another kind of adjustment.";
                at("chargebackKey", UserErrorCode::Invalid, sentence).into()
            }
            AdjustError::Database(error) => error.into(),
        }
    }
}

fn exceeds(left: money::Money) -> UserError {
    let sentence = format!("The refunds together would exceed the sale, of whose gross {left} are left.");
    let left = serde_json::json!({ "amount": left.to_decimal(), "currency": left.currency() });
    let details = Some(async_graphql::Json(serde_json::json!({ "left": left })));
    UserError { details, ..UserError::new(UserErrorCode::RefundExceedsSale, sentence) }
}

//! Batches are prepared and approved.

use async_graphql::{Context, Object};
use domain::payout_batches::{ApproveError, CancelError, CreateError, NewBatch, Rail, Retry, RetryError};
use ids::PayoutBatchId;
use money::Currency;

use super::{PayoutBatchPayload, enums::PayoutRail, inputs::PayoutBatchInput};
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
};

/// What can be done with batches before they are executed.
#[derive(Default)]
pub struct PayoutBatchMutation;

#[Object]
impl PayoutBatchMutation {
    /// Begins a batch as a DRAFT. It takes approved payouts as they are, and reserves for all other partners in reach of its rail
    /// what they have; a moment later payouts and total are fixed, and it is AWAITING_APPROVAL or, without four eyes, APPROVED. With
    /// nothing to pay it is CANCELLED. `payoutBatchPreview` shows before what it would be.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_batch_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The batch.")] input: PayoutBatchInput,
        #[graphql(
            desc = "The same key and input again answer with the batch of the first call, in its present state; other input is IDEMPOTENCY_MISMATCH. 1 to 255 characters."
        )]
        idempotency_key: String,
    ) -> Result<PayoutBatchPayload, ApiError> {
        use domain::payout_batches::PayoutBatch as Stored;
        let request = Request::of(ctx);
        let (scope, new) = (request.scope()?, NewBatch::from(input));
        let mut conn = request.conn().await?;
        PayoutBatchPayload::of(Stored::create(&mut conn, scope, &new, &idempotency_key, &request.act).await)
    }

    /// Approves a batch that another person has prepared. FORBIDDEN for whoever prepared it, by themselves or by an API key of
    /// theirs.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_batch_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pba_...`")] id: PayoutBatchId,
    ) -> Result<PayoutBatchPayload, ApiError> {
        use domain::payout_batches::PayoutBatch as Stored;
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PayoutBatchPayload::of(Stored::approve(&mut conn, request.scope()?, id, &request.act).await)
    }

    /// Cancels a batch of which nothing was sent: everything of it is available again, of a large one as jobs get to it. Of a
    /// batch that is executed it cancels what the provider refused as a whole, and nothing else.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_batch_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pba_...`")] id: PayoutBatchId,
    ) -> Result<PayoutBatchPayload, ApiError> {
        use domain::payout_batches::PayoutBatch as Stored;
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PayoutBatchPayload::of(Stored::cancel(&mut conn, request.scope()?, id, &request.act).await)
    }

    /// Begins another batch with what payouts of an ended batch failed to pay, as new payouts to where these partners are paid now:
    /// whoever is paid by a method that the rail does not reach is left out, and what they have stays available. It is approved and
    /// executed like any other.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_batch_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pba_...`, PARTLY_FAILED.")] id: PayoutBatchId,
        #[graphql(
            desc = "The same key, id and rail again answer with the batch of the first call, in its present state; others are IDEMPOTENCY_MISMATCH. 1 to 255 characters."
        )]
        idempotency_key: String,
        #[graphql(
            desc = "Over what it is paid now: whoever is not paid by it is left out. The same rail, and the same kinds of methods, when left out."
        )]
        rail: Option<PayoutRail>,
    ) -> Result<PayoutBatchPayload, ApiError> {
        use domain::payout_batches::PayoutBatch as Stored;
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let mut conn = request.conn().await?;
        let idempotency_key = idempotency_key.as_str();
        let retry = Retry { batch_id: id, rail: rail.map(Into::into), idempotency_key };
        PayoutBatchPayload::of(Stored::retry(&mut conn, scope, retry, &request.act).await)
    }
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(problems) => Self::User(UserError::of_fields_and_key(&problems)),
            CreateError::NotFound => {
                UserError::at(&["input", "programId"], UserErrorCode::NotFound, "There is no such program.")
                    .into()
            }
            CreateError::RailOfOtherCurrency { rail, currency } => {
                of_other_currency(&["input", "rail"], rail, currency).into()
            }
            CreateError::IdempotencyMismatch => UserError::idempotency_mismatch(&["idempotencyKey"]).into(),
            CreateError::Database(error) => error.into(),
        }
    }
}

impl From<ApproveError> for Refusal {
    fn from(error: ApproveError) -> Self {
        match error {
            ApproveError::NotFound => UserError::not_found("id", "batch").into(),
            ApproveError::WrongState { current } => UserError::wrong_state("batch", current).into(),
            ApproveError::SamePerson => {
                let sentence = "Another person than the one who prepared the batch approves it.";
                UserError::at(&["id"], UserErrorCode::Forbidden, sentence).into()
            }
            ApproveError::Database(error) => error.into(),
        }
    }
}

impl From<CancelError> for Refusal {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound => UserError::not_found("id", "batch").into(),
            CancelError::WrongState { current } => UserError::wrong_state("batch", current).into(),
            CancelError::Database(error) => error.into(),
        }
    }
}

impl From<RetryError> for Refusal {
    fn from(error: RetryError) -> Self {
        match error {
            RetryError::Invalid(problems) => Self::User(UserError::of_fields_and_key(&problems)),
            RetryError::NotFound => UserError::not_found("id", "batch").into(),
            RetryError::WrongState { current } => UserError::wrong_state("batch", current).into(),
            RetryError::RailOfOtherCurrency { rail, currency } => {
                of_other_currency(&["rail"], rail, currency).into()
            }
            RetryError::IdempotencyMismatch => UserError::idempotency_mismatch(&["idempotencyKey"]).into(),
            RetryError::Database(error) => error.into(),
        }
    }
}

fn of_other_currency(path: &[&str], rail: Rail, currency: Currency) -> UserError {
    let sentence = format!("{rail} does not carry {currency}.");
    UserError::at(path, UserErrorCode::CurrencyMismatch, sentence)
}

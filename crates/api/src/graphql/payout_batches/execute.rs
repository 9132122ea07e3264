//! Batches are executed.

use async_graphql::{Context, Json, Object};
use domain::payout_batches::{ExecuteError, Execution, RetrySubmissionError};
use ids::{PayoutBatchId, PayoutSubmissionId};
use money::Money;
use serde_json::json;

use super::{PayoutBatchPayload, PayoutSubmissionPayload};
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    scalars::MoneyInput,
};

/// What sends money.
#[derive(Default)]
pub struct PayoutExecutionMutation;

#[Object]
impl PayoutExecutionMutation {
    /// Pays an approved batch: its payouts are sent over its rail, each under one reference, so that nothing is paid twice, whatever
    /// breaks meanwhile. `submissions` of the batch shows how far it is, and the files of those rails that make one. TOTAL_MISMATCH
    /// where the total is another one than was confirmed. FORBIDDEN, with `fourEyes`, for whoever approved what the schedule prepared:
    /// nobody else has seen it.
    #[graphql(directive = needs::apply(Permission::PayoutsExecute), guard = "Needs(Permission::PayoutsExecute)")]
    async fn payout_batch_execute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pba_...`, APPROVED.")] id: PayoutBatchId,
        #[graphql(desc = "The `total` of the batch, as whoever pays has read it.")]
        confirmed_total: MoneyInput,
        #[graphql(
            desc = "The same key, id and total again answer with the batch in its present state; other input is IDEMPOTENCY_MISMATCH. 1 to 255 characters."
        )]
        idempotency_key: String,
    ) -> Result<PayoutBatchPayload, ApiError> {
        use domain::payout_batches::PayoutBatch as Stored;
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let confirmed_total = match total(confirmed_total) {
            Ok(total) => total,
            Err(refused) => return PayoutBatchPayload::of(Err::<Stored, _>(Refusal::from(refused))),
        };
        let said = Execution { batch_id: id, confirmed_total, idempotency_key };
        let mut conn = request.conn().await?;
        PayoutBatchPayload::of(Stored::execute(&mut conn, scope, &said, &request.act).await)
    }

    /// Has a submission that the provider refused as a whole sent again, under the same reference: once what it complained of is
    /// mended, e.g. too little money in your account with it. One that nobody works on any more, since its job has given up, is
    /// taken up again: what may have been sent is looked up first, the provider is asked about what it has accepted, and what is being
    /// abandoned is cancelled there.
    #[graphql(directive = needs::apply(Permission::PayoutsExecute), guard = "Needs(Permission::PayoutsExecute)")]
    async fn payout_submission_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`psu_...`; it has not ended.")] id: PayoutSubmissionId,
    ) -> Result<PayoutSubmissionPayload, ApiError> {
        use domain::payout_batches::PayoutSubmission as Stored;
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PayoutSubmissionPayload::of(Stored::retry(&mut conn, request.scope()?, id, &request.act).await)
    }
}

fn total(said: MoneyInput) -> Result<Money, UserError> {
    Money::from_decimal(said.amount, said.currency.0).map_err(|_| {
        let path = &["confirmedTotal", "amount"];
        UserError::at(path, UserErrorCode::Invalid, "This is no amount of that currency.")
    })
}

impl From<ExecuteError> for Refusal {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Invalid(problems) => Self::User(UserError::of_fields_and_key(&problems)),
            ExecuteError::NotFound => UserError::not_found("id", "batch").into(),
            ExecuteError::WrongState { current } => UserError::wrong_state("batch", current).into(),
            ExecuteError::SamePerson => {
                let sentence = "The schedule prepared the batch: another person than the one who approved it executes it.";
                UserError::at(&["id"], UserErrorCode::Forbidden, sentence).into()
            }
            ExecuteError::TotalMismatch { total } => {
                let sentence = format!("The total is {total}, and another one was confirmed.");
                let details = json!({ "total": total.to_decimal(), "currency": total.currency() });
                let error = UserError::at(&["confirmedTotal"], UserErrorCode::TotalMismatch, sentence);
                UserError { details: Some(Json(details)), ..error }.into()
            }
            ExecuteError::IdempotencyMismatch => UserError::idempotency_mismatch(&["idempotencyKey"]).into(),
            ExecuteError::Database(error) => error.into(),
        }
    }
}

impl From<RetrySubmissionError> for Refusal {
    fn from(error: RetrySubmissionError) -> Self {
        match error {
            RetrySubmissionError::NotFound => UserError::not_found("id", "submission").into(),
            RetrySubmissionError::WrongState { current } => {
                UserError::wrong_state("submission", current).into()
            }
            RetrySubmissionError::Database(error) => error.into(),
        }
    }
}

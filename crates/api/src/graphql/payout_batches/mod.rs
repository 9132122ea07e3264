//! Payouts that are approved and executed together.

mod enums;
mod execute;
mod inputs;
mod object;
mod prepare;
mod preview;
mod submission;

use async_graphql::{Context, Object};
use domain::{page::PageArgs, payout_batches::NewBatch};
pub use execute::PayoutExecutionMutation;
use ids::PayoutBatchId;
use inputs::{PayoutBatchFilter, PayoutBatchInput};
pub use object::PayoutBatch;
pub use prepare::PayoutBatchMutation;
use preview::{PayoutBatchPreview, PayoutBatchPreviewPayload};
pub use submission::PayoutSubmission;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(PayoutBatchId => PayoutBatch of domain::payout_batches::PayoutBatch);

connection!(
    /// Batches of payouts, newest first.
    PayoutBatchConnection, PayoutBatchEdge, PayoutBatch, domain::payout_batches::PayoutBatch, |row| row.id
);

payload!(
    /// What a mutation of a batch answers.
    PayoutBatchPayload {
        /// The batch as it is now; null when nothing was done.
        batch: PayoutBatch
    }
);

payload!(
    /// What `payoutSubmissionRetry` answers.
    PayoutSubmissionPayload {
        /// The submission, which a job sends again; null when nothing was done.
        submission: PayoutSubmission
    }
);

/// What can be asked about batches of payouts.
#[derive(Default)]
pub struct PayoutBatchQuery;

#[Object]
impl PayoutBatchQuery {
    /// The batches of payouts in reach, newest first.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout_batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which batches.")] filter: Option<PayoutBatchFilter>,
    ) -> Result<PayoutBatchConnection, ApiError> {
        use domain::payout_batches::PayoutBatch as Stored;
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = Stored::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(Stored::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(PayoutBatchConnection::of(rows, page.after.is_none(), total))
    }

    /// The batch of this id, or null.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pba_...`")] id: PayoutBatchId,
    ) -> Result<Option<PayoutBatch>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }

    /// What `payoutBatchCreate` with this input would make now: who is paid how much, and who is left out, and why.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout_batch_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The batch.")] input: PayoutBatchInput,
    ) -> Result<PayoutBatchPreviewPayload, ApiError> {
        let request = Request::of(ctx);
        let (scope, new) = (request.scope()?, NewBatch::from(input));
        let found = new.preview(&mut *request.conn().await?, scope, &request.act).await;
        match found.map_err(Refusal::from) {
            Ok(found) => {
                let preview = Some(PayoutBatchPreview::of(found)?);
                Ok(PayoutBatchPreviewPayload { preview, user_errors: Vec::new() })
            }
            Err(Refusal::User(user_errors)) => Ok(PayoutBatchPreviewPayload { preview: None, user_errors }),
            Err(Refusal::Api(error)) => Err(error),
        }
    }
}

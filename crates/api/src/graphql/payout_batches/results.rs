//! What people bring back from banks about batches.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::payout_batches::{PayoutResults as Stored, ResultsError};
use ids::{FileId, PayoutBatchId};

use super::enums::PayoutResultsStatus;
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    files::File,
    guard::{Needs, Permission, needs},
    loading::load_lists,
    payload::payload,
    users::Actor,
};

load_lists!(
    /// The key of what was brought for a batch, the newest first.
    ResultsOf(PayoutBatchId) => PayoutResults of Stored::of_batches, by batch_id
);

payload!(
    /// What `payoutBatchImportResults` answers.
    PayoutResultsPayload {
        /// The file and, once a job has read it, what came of it; null when it was not taken.
        results: PayoutResults
    }
);

/// A file that says what became of payouts of a batch that goes by files or by hand, and what was read of it.
#[derive(Clone)]
pub struct PayoutResults(Stored);

impl From<Stored> for PayoutResults {
    fn from(results: Stored) -> Self {
        Self(results)
    }
}

/// A file that says what became of payouts of a batch that goes by files or by hand, and what was read of it.
#[Object]
impl PayoutResults {
    /// `prs_...`
    async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// How far it is.
    async fn status(&self) -> PayoutResultsStatus {
        self.0.status.into()
    }

    /// How many payouts it brought to their end.
    async fn settled(&self) -> i32 {
        self.0.settled
    }

    /// Of how many it said what was known already.
    async fn unchanged(&self) -> i32 {
        self.0.unchanged
    }

    /// What could not be used, a sentence for each line, the first 100; these lines changed nothing, and cost no line of another
    /// payout.
    async fn problems(&self) -> &[String] {
        &self.0.problems
    }

    /// The file. A bank's report may say where money went.
    #[graphql(directive = needs::apply(Permission::PayoutsExecute), guard = "Needs(Permission::PayoutsExecute)")]
    async fn file(&self, ctx: &Context<'_>) -> Result<Option<File>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.file_id).await
    }

    /// Who brought it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::of_stored(ctx, &self.0.created_by).await
    }

    /// When it was brought.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was read.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.read_at
    }
}

/// What closes the lines of files.
#[derive(Default)]
pub struct PayoutResultsMutation;

#[Object]
impl PayoutResultsMutation {
    /// Takes a file that says what became of payouts of a batch that goes by files or by hand; a job reads it a moment later, and each
    /// of its lines ends one payout. It is the list that the batch's file was, separated by commas, semicolons or tabs, with the columns
    /// `reference` (the payout's id) and `status` filled in: `paid`; `failed` or `refused`; `returned`, which alone takes back what was
    /// paid before; `pending` or blank. If you like `provider_reference`, `fee` (in major units, `0.25`) and `reason`; where `amount` and
    /// `currency` stand they must be those of the payout. A payout of which any line cannot be read is not ended by another. Lists that
    /// PayPal or Wise let you download are read too, if they have what the file gave them: the payout's id as `Customer ID` or `Unique
    /// ID`, or at Wise its last ten characters as `Reference`. Or it is the status report of your bank for a SEPA file (`pain.002`).
    /// The same file again answers with what came of it.
    #[graphql(directive = needs::apply(Permission::PayoutsExecute), guard = "Needs(Permission::PayoutsExecute)")]
    async fn payout_batch_import_results(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pba_...`, executed.")] id: PayoutBatchId,
        #[graphql(desc = "`fil_...`, as `POST /files` answered.")] file_id: FileId,
    ) -> Result<PayoutResultsPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let brought = Stored::bring(&mut conn, request.scope()?, (id, file_id), &request.act).await;
        PayoutResultsPayload::of(brought)
    }
}

impl From<ResultsError> for Refusal {
    fn from(error: ResultsError) -> Self {
        match error {
            ResultsError::NotFound => UserError::not_found("id", "batch").into(),
            ResultsError::FileNotFound => UserError::not_found("fileId", "file").into(),
            ResultsError::WrongState { current } => UserError::wrong_state("batch", current).into(),
            ResultsError::ToldByProvider { rail } => {
                let sentence =
                    format!("Of payouts over {rail} the provider says itself what became of them.");
                UserError::at(&["id"], UserErrorCode::WrongState, sentence).into()
            }
            ResultsError::Database(error) => error.into(),
        }
    }
}

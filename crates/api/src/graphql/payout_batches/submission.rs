use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use ids::{PayoutBatchId, PayoutSubmissionId};

use super::{
    PayoutBatch,
    enums::{PayoutAttemptOutcome, PayoutSubmissionStatus},
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    files::File,
    guard::{Needs, Permission, needs},
    loading::{load_by_id, load_lists},
    scalars::Money,
};

load_by_id!(PayoutSubmissionId => PayoutSubmission of domain::payout_batches::PayoutSubmission);
load_lists!(
    /// The key of the submissions of a batch, in their order.
    SubmissionsOf(PayoutBatchId) => PayoutSubmission
        of domain::payout_batches::PayoutSubmission::of_batches, by batch_id
);
load_lists!(
    /// The key of the attempts of a submission, in their order.
    AttemptsOf(PayoutSubmissionId) => PayoutAttempt
        of domain::payout_batches::Attempt::of_submissions, by submission_id
);

/// What one call to a provider, or one file, pays of a batch. Its payouts and its reference are fixed before the first attempt, so
/// that no attempt pays anything twice.
#[derive(Clone)]
pub struct PayoutSubmission(pub domain::payout_batches::PayoutSubmission);

impl From<domain::payout_batches::PayoutSubmission> for PayoutSubmission {
    fn from(submission: domain::payout_batches::PayoutSubmission) -> Self {
        Self(submission)
    }
}

/// What one call to a provider, or one file, pays of a batch. Its payouts and its reference are fixed before the first attempt, so
/// that no attempt pays anything twice.
#[Object]
impl PayoutSubmission {
    /// `psu_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The batch.
    async fn batch(&self, ctx: &Context<'_>) -> Result<Option<PayoutBatch>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.batch_id).await
    }

    /// Which part of the batch it is, from 1.
    async fn number(&self) -> i32 {
        self.0.chunk
    }

    /// What the provider is told to call it, the same in all attempts.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Where it stands.
    async fn status(&self) -> PayoutSubmissionStatus {
        self.0.status.into()
    }

    /// How many payouts it has.
    async fn payout_count(&self) -> i32 {
        self.0.payouts
    }

    /// What they come to.
    async fn total(&self, ctx: &Context<'_>) -> Result<Option<Money>, ApiError> {
        let batch: Option<PayoutBatch> = Request::loader(ctx)?.load_one(self.0.batch_id).await?;
        Ok(batch.map(|batch| self.0.total_money(batch.0.currency).into()))
    }

    /// What the provider calls it; null before it has accepted it.
    async fn provider_reference(&self) -> Option<&str> {
        self.0.provider_reference.as_deref()
    }

    /// The file to be given to the bank or provider; over MANUAL and STORE_CREDIT a list of whom to pay and where. Null where there is
    /// none, or not yet. It holds where the money goes.
    #[graphql(directive = needs::apply(Permission::PayoutsExecute), guard = "Needs(Permission::PayoutsExecute)")]
    async fn file(&self, ctx: &Context<'_>) -> Result<Option<File>, ApiError> {
        let Some(id) = self.0.file_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// Each time that the provider was asked to pay it, in their order.
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<PayoutAttempt>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(AttemptsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// When it was cut.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its state last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// One time that a provider was asked to pay a submission.
#[derive(Clone)]
pub struct PayoutAttempt(domain::payout_batches::Attempt);

impl From<domain::payout_batches::Attempt> for PayoutAttempt {
    fn from(attempt: domain::payout_batches::Attempt) -> Self {
        Self(attempt)
    }
}

/// One time that a provider was asked to pay a submission.
#[Object]
impl PayoutAttempt {
    /// `pat_...`
    async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Counted per submission from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// What became of it.
    async fn outcome(&self) -> PayoutAttemptOutcome {
        self.0.outcome.into()
    }

    /// What the provider said, without personal data; null where it accepted or has not answered.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// When it began.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// When the provider was last asked to pay: when it began, or later by looking it up, for which PayPal has no other question.
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }

    /// When its outcome was known; null before, and again while a look-up asks the provider to pay.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
}

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::{
    act::Actor as Who,
    page::{Page, PageArgs},
    payout_batches::{BatchStatus, PayoutBatchAction as Action, SubmissionStatus},
    team::Permission as P,
};

use super::{
    enums::{PayoutBatchAction, PayoutBatchOrigin, PayoutBatchStatus, PayoutRail},
    results::{PayoutResults, ResultsOf},
    submission::{PayoutSubmission, SubmissionsOf},
};
use crate::graphql::{
    api_keys::ApiKey,
    connection,
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    hex,
    payout_policies::PayoutMethodKind,
    payouts::{PayoutConnection, PayoutsOfBatch},
    programs::Program,
    scalars::Money,
    users::Actor,
};

/// Payouts of a program that are approved and executed together, in one currency and over one rail. It is a DRAFT while its payouts
/// are made; then payouts, total and hash are fixed. Where the program wants four eyes, another person than the one who prepared it
/// approves it. It is executed against the total that somebody confirms, and ends when each of its payouts has.
#[derive(Clone)]
pub struct PayoutBatch(pub domain::payout_batches::PayoutBatch);

impl From<domain::payout_batches::PayoutBatch> for PayoutBatch {
    fn from(batch: domain::payout_batches::PayoutBatch) -> Self {
        Self(batch)
    }
}

impl PayoutBatch {
    /// Whether the viewer may do that, and the batch stands where it can be done.
    async fn can(&self, ctx: &Context<'_>, action: Action) -> Result<bool, ApiError> {
        let viewer = &Request::of(ctx).viewer;
        let right = match action {
            Action::Execute => P::PayoutsExecute,
            Action::Approve | Action::Cancel | Action::Retry => P::PayoutsApprove,
        };
        if !viewer.permits(right) {
            return Ok(false);
        }
        if !action.allowed_for(&self.0) {
            return Ok(action == Action::Cancel && self.was_refused(ctx).await?);
        }
        let (Action::Approve, Some(viewer)) = (action, viewer.actor) else { return Ok(true) };
        Ok(person(ctx, viewer.to_string()).await? != person(ctx, self.0.prepared_by.clone()).await?)
    }

    /// Whether a provider has refused something of it as a whole, which can still be cancelled.
    async fn was_refused(&self, ctx: &Context<'_>) -> Result<bool, ApiError> {
        if self.0.status != BatchStatus::Executing {
            return Ok(false);
        }
        let submissions = Request::loader(ctx)?.load_one(SubmissionsOf(self.0.id)).await?.unwrap_or_default();
        Ok(submissions.iter().any(|submission| submission.0.status == SubmissionStatus::Refused))
    }
}

/// The person behind an actor, as far as the viewer reaches: of a key whoever made it.
async fn person(ctx: &Context<'_>, mut actor: String) -> Result<String, ApiError> {
    while let Ok(Who::ApiKey(id)) = actor.parse() {
        let Some(key): Option<ApiKey> = Request::loader(ctx)?.load_one(id).await? else { break };
        actor = key.0.created_by;
    }
    Ok(actor)
}

async fn stored(ctx: &Context<'_>, actor: Option<&String>) -> Result<Option<Actor>, ApiError> {
    match actor {
        Some(actor) => Actor::of_stored(ctx, actor).await.map(Some),
        None => Ok(None),
    }
}

/// Payouts of a program that are approved and executed together, in one currency and over one rail. It is a DRAFT while its payouts
/// are made; then payouts, total and hash are fixed. Where the program wants four eyes, another person than the one who prepared it
/// approves it. It is executed against the total that somebody confirms, and ends when each of its payouts has.
#[Object]
impl PayoutBatch {
    /// `pba_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// Over what it is paid.
    async fn rail(&self) -> PayoutRail {
        self.0.rail.into()
    }

    /// Where it stands.
    async fn status(&self) -> PayoutBatchStatus {
        self.0.status.into()
    }

    /// Who made it.
    async fn origin(&self) -> PayoutBatchOrigin {
        self.0.origin.into()
    }

    /// Whether another person than the one who prepared it approves it, by the policy of the time when it was prepared.
    async fn four_eyes(&self) -> bool {
        self.0.four_eyes
    }

    /// It takes rewards whose hold had ended by then.
    async fn cutoff_at(&self) -> DateTime<Utc> {
        self.0.cutoff_at
    }

    /// The kinds of methods that it pays by; null is all that its rail reaches, or of a batch beyond a rail all that this reaches.
    async fn methods(&self) -> Option<Vec<PayoutMethodKind>> {
        let methods = self.0.methods.as_ref()?;
        Some(methods.iter().map(|kind| (*kind).into()).collect())
    }

    /// The only partners that it may take, at most 1,000; null is all.
    async fn partner_ids(&self) -> Option<Vec<ID>> {
        let partners = self.0.partners.as_ref()?;
        Some(partners.iter().map(|id| (*id).into()).collect())
    }

    /// The rail that does not reach the accounts which it pays to: what the program's schedule drafts for people beside the batch
    /// of that rail. Null is all accounts.
    async fn beyond(&self) -> Option<PayoutRail> {
        self.0.beyond.map(Into::into)
    }

    /// The batch whose failed payouts it tries again; null of others.
    async fn retry_of(&self, ctx: &Context<'_>) -> Result<Option<Self>, ApiError> {
        let Some(id) = self.0.retry_of else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// How many payouts it has; it grows while it is a DRAFT.
    async fn payout_count(&self) -> i32 {
        self.0.payouts
    }

    /// What they come to; it grows while it is a DRAFT. `payoutBatchExecute` takes it as `confirmedTotal`.
    async fn total(&self) -> Money {
        self.0.total_money().into()
    }

    /// How many of them were paid.
    async fn paid_count(&self) -> i32 {
        self.0.paid
    }

    /// How many of them failed or came back.
    async fn failed_count(&self) -> i32 {
        self.0.failed
    }

    /// How many of them were cancelled.
    async fn cancelled_count(&self) -> i32 {
        self.0.cancelled
    }

    /// SHA-256, in hexadecimal, of its payouts with their items and methods; null while it is a DRAFT.
    async fn content_hash(&self) -> Option<String> {
        self.0.content_hash.as_deref().map(hex)
    }

    /// Its payouts, newest first. `payouts` with a filter of this batch shows those in some states.
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<PayoutConnection, ApiError> {
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let wanted = PayoutsOfBatch { whose: self.0.id, after: page.after, most: page.limit() };
        let rows = Request::loader(ctx)?.load_one(wanted).await?.unwrap_or_default();
        let total = Some(i64::from(self.0.payouts));
        Ok(PayoutConnection::of(Page::of(rows, &page), page.after.is_none(), total))
    }

    /// The calls and files that pay it, in their order; empty before it is executed.
    async fn submissions(&self, ctx: &Context<'_>) -> Result<Vec<PayoutSubmission>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(SubmissionsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// The files of results that people brought for it, the newest first.
    async fn results(&self, ctx: &Context<'_>) -> Result<Vec<PayoutResults>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(ResultsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// What the viewer can do with it now.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<Vec<PayoutBatchAction>, ApiError> {
        let mut can = Vec::new();
        for action in Action::ALL {
            if self.can(ctx, *action).await? {
                can.push((*action).into());
            }
        }
        Ok(can)
    }

    /// Who prepared it.
    async fn prepared_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::of_stored(ctx, &self.0.prepared_by).await
    }

    /// Who approved it; null before, and where nobody needs to.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Actor>, ApiError> {
        stored(ctx, self.0.approved_by.as_ref()).await
    }

    /// Who executed it; null before.
    async fn executed_by(&self, ctx: &Context<'_>) -> Result<Option<Actor>, ApiError> {
        stored(ctx, self.0.executed_by.as_ref()).await
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was fixed.
    async fn frozen_at(&self) -> Option<DateTime<Utc>> {
        self.0.frozen_at
    }

    /// When it was approved.
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.approved_at
    }

    /// When it was executed.
    async fn executed_at(&self) -> Option<DateTime<Utc>> {
        self.0.executed_at
    }

    /// When the last of its payouts ended, or it was cancelled.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// When its state last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

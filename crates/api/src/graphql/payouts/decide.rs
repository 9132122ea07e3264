//! Requested payouts are decided about.

use async_graphql::{Context, Object, SimpleObject};
use domain::payouts::{DecideError, Decision};
use ids::PayoutId;

use super::{Payout, PayoutPayload};
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError},
    guard::{Needs, Permission, needs},
};

/// What `payoutsApprove` answers.
#[derive(SimpleObject)]
pub struct PayoutsPayload {
    /// The payouts as they are now, in the order of their ids; empty when nothing was done.
    payouts: Vec<Payout>,
    /// What is wrong with the input; empty when it was done. `field` ends with the place in `ids`, from 0.
    user_errors: Vec<UserError>,
}

/// What can be decided about payouts.
#[derive(Default)]
pub struct PayoutDecisionMutation;

#[Object]
impl PayoutDecisionMutation {
    /// Approves requested payouts: the next batch of their method pays them. All of them or, if one cannot be approved, none.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payouts_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`, 1 to 100.", validator(min_items = 1, max_items = 100))] ids: Vec<
            PayoutId,
        >,
    ) -> Result<PayoutsPayload, ApiError> {
        match decide(ctx, &ids, &Decision::Approve).await.map_err(|error| refused_among(error, &ids)) {
            Ok(payouts) => {
                let payouts = payouts.into_iter().map(Payout).collect();
                Ok(PayoutsPayload { payouts, user_errors: Vec::new() })
            }
            Err(Refusal::User(user_errors)) => Ok(PayoutsPayload { payouts: Vec::new(), user_errors }),
            Err(Refusal::Api(error)) => Err(error),
        }
    }

    /// Turns down a requested payout: its amount is available again, and the partner is told why.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`")] id: PayoutId,
        #[graphql(desc = "What the partner is told: one line of 1 to 500 characters.")] reason: String,
    ) -> Result<PayoutPayload, ApiError> {
        decide_one(ctx, id, &Decision::Reject { reason }).await
    }

    /// Asks for changes of a requested payout, e.g. for another invoice: the partner is told, and the amount stays reserved until
    /// `payoutResubmit`, `payoutReject`, `payoutWithdraw` or `payoutCancel`.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_request_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`")] id: PayoutId,
        #[graphql(desc = "What the partner is told: one line of 1 to 500 characters.")] reason: String,
    ) -> Result<PayoutPayload, ApiError> {
        decide_one(ctx, id, &Decision::RequestChanges { reason }).await
    }

    /// Takes back a payout that is in no batch yet, also one that was approved: its amount is available again.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn payout_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`")] id: PayoutId,
    ) -> Result<PayoutPayload, ApiError> {
        decide_one(ctx, id, &Decision::Cancel).await
    }
}

async fn decide(
    ctx: &Context<'_>,
    ids: &[PayoutId],
    decision: &Decision,
) -> Result<Vec<domain::payouts::Payout>, Refused> {
    let request = Request::of(ctx);
    let scope = request.scope()?;
    let mut conn = request.conn().await?;
    Ok(domain::payouts::Payout::decide(&mut conn, scope, ids, decision, &request.act).await?)
}

pub(super) async fn decide_one(
    ctx: &Context<'_>,
    id: PayoutId,
    decision: &Decision,
) -> Result<PayoutPayload, ApiError> {
    let decided = decide(ctx, &[id], decision).await.map_err(|error| refused(error, &["id"]));
    // One was asked for, so that one was decided about.
    PayoutPayload::of(decided.and_then(|mut decided| decided.pop().ok_or(Refusal::Api(ApiError::Internal))))
}

/// Why nothing was decided: no fault of the input, or one.
enum Refused {
    Api(ApiError),
    Decision(DecideError),
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<DecideError> for Refused {
    fn from(error: DecideError) -> Self {
        Self::Decision(error)
    }
}

/// The refusal of one of several.
fn refused_among(error: Refused, ids: &[PayoutId]) -> Refusal {
    let at = match &error {
        Refused::Decision(DecideError::NotFound(id) | DecideError::WrongState { payout_id: id, .. }) => {
            ids.iter().position(|one| one == id)
        }
        _ => None,
    };
    let place = at.unwrap_or(0).to_string();
    refused(error, &["ids", &place])
}

fn refused(error: Refused, path: &[&str]) -> Refusal {
    match error {
        Refused::Api(error) => Refusal::Api(error),
        Refused::Decision(DecideError::NotFound(_)) => {
            let path = path.iter().map(ToString::to_string).collect();
            UserError { field: Some(path), ..UserError::not_found("id", "payout") }.into()
        }
        Refused::Decision(DecideError::WrongState { current, .. }) => {
            let path = path.iter().map(ToString::to_string).collect();
            UserError { field: Some(path), ..UserError::wrong_state("payout", current) }.into()
        }
        Refused::Decision(DecideError::Reason(problem)) => UserError::of_argument("reason", problem).into(),
        Refused::Decision(DecideError::Database(error)) => error.into(),
    }
}

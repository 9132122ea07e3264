//! What became of payouts that no provider tells of.

use async_graphql::{Context, Object};
use domain::payout_batches::{HandError, Settlement, Verdict, settle_by_hand};
use ids::PayoutId;

use super::PayoutPayload;
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
};

/// What can be said of payouts that were sent.
#[derive(Default)]
pub struct PayoutSettlementMutation;

#[Object]
impl PayoutSettlementMutation {
    /// Says that a payout of a file or of a batch that is paid by hand arrived: the partner is told. Saying it again changes nothing,
    /// so that it can be repeated after any failure. Payouts over the APIs of PayPal and Wise say it themselves; you can
    /// say it 29 days after the provider was asked to pay for the last time, and not at all of what it was never asked for.
    #[graphql(directive = needs::apply(Permission::PayoutsExecute), guard = "Needs(Permission::PayoutsExecute)")]
    async fn payout_mark_paid(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`, on its way.")] id: PayoutId,
        #[graphql(desc = "What the bank or provider calls it: 1 to 255 characters.")] reference: Option<
            String,
        >,
    ) -> Result<PayoutPayload, ApiError> {
        settle(ctx, id, Verdict::Paid { reference, fee: None }).await
    }

    /// Says that a payout of a file or of a batch that is paid by hand could not be made or, if it was paid, that it came back:
    /// its amount is available again, and the partner is told. Saying it again changes nothing. FORBIDDEN of payouts over the APIs of
    /// PayPal and Wise until 29 days after the provider was asked to pay for the last time: it may still pay. What it was never
    /// asked for ends with `payoutBatchCancel`.
    #[graphql(directive = needs::apply(Permission::PayoutsExecute), guard = "Needs(Permission::PayoutsExecute)")]
    async fn payout_mark_failed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`, on its way or paid.")] id: PayoutId,
        #[graphql(desc = "A word for a machine, e.g. ACCOUNT_CLOSED: 1 to 100 characters.")] code: String,
        #[graphql(
            desc = "Why, for people, without personal data: one line of 1 to 500 characters. The partner reads it."
        )]
        reason: String,
    ) -> Result<PayoutPayload, ApiError> {
        settle(ctx, id, Verdict::Failed { code, reason }).await
    }
}

async fn settle(ctx: &Context<'_>, id: PayoutId, verdict: Verdict) -> Result<PayoutPayload, ApiError> {
    let request = Request::of(ctx);
    let scope = request.scope()?;
    let said = [Settlement { payout_id: id, verdict }];
    let mut conn = request.conn().await?;
    let settled = settle_by_hand(&mut conn, scope, &said, &request.act).await.map_err(Refusal::from);
    // One was named, so that one is answered.
    PayoutPayload::of(settled.and_then(|mut settled| settled.pop().ok_or(Refusal::Api(ApiError::Internal))))
}

impl From<HandError> for Refusal {
    fn from(error: HandError) -> Self {
        match error {
            HandError::NotFound(_) => UserError::not_found("id", "payout").into(),
            HandError::WrongState { current, .. } => UserError::wrong_state("payout", current).into(),
            HandError::ToldByProvider { rail, .. } => {
                let sentence =
                    format!("It is paid over {rail}, which says itself what became of it, for 29 days.");
                UserError::at(&["id"], UserErrorCode::Forbidden, sentence).into()
            }
            HandError::Text { field, problem } => UserError::of_argument(field, problem).into(),
            HandError::Database(error) => error.into(),
        }
    }
}

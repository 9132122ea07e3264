//! Payouts are asked for.

use async_graphql::{Context, Json, Object};
use domain::payouts::{Decision, LeftOut, RequestError, Resubmission, ResubmitError};
use ids::{FileId, PayoutId, RewardId};
use money::Money;
use serde_json::json;

use super::{PayoutPayload, decide::decide_one, inputs::PayoutRequestInput};
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
};

/// What can be done on behalf of partners who want to be paid.
#[derive(Default)]
pub struct PayoutRequestMutation;

#[Object]
impl PayoutRequestMutation {
    /// Asks for a payout on behalf of a partner, and reserves its amount at once: for your back end, by an API key with
    /// PARTNERS_WRITE, as everything that partners do through you. It waits for `payoutsApprove`, or is approved at once where the
    /// policy says so; a batch pays it. NOT_PAYABLE tells by `details.reason` why the partner is not paid now, BELOW_MINIMUM that too
    /// little is available, also nothing; FORBIDDEN that the policy allows no requests, and NOT_FOUND of `rewardIds` that one of them
    /// is not the partner's or not available.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn payout_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is paid what.")] input: PayoutRequestInput,
        #[graphql(
            desc = "The same key and input again answer with the payout of the first call, in its present state; other input is IDEMPOTENCY_MISMATCH. 1 to 255 characters."
        )]
        idempotency_key: String,
    ) -> Result<PayoutPayload, ApiError> {
        let request = Request::of(ctx);
        let (scope, said) = (request.scope()?, input.said(idempotency_key));
        let mut conn = request.conn().await?;
        PayoutPayload::of(domain::payouts::Payout::request(&mut conn, scope, &said, &request.act).await)
    }

    /// Asks again for a payout of which changes were asked for: it goes to where the partner is paid now. What it pays stays.
    /// NOT_PAYABLE while a method that took the place of another cools down, or if the policy does not pay by it.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn payout_resubmit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`")] id: PayoutId,
        #[graphql(desc = "Another invoice, `fil_...`; the one before stays when left out.")]
        invoice_id: Option<FileId>,
    ) -> Result<PayoutPayload, ApiError> {
        let request = Request::of(ctx);
        let said = Resubmission { invoice_id };
        let mut conn = request.conn().await?;
        PayoutPayload::of(
            domain::payouts::Payout::resubmit(&mut conn, request.scope()?, id, &said, &request.act).await,
        )
    }

    /// Takes back a request that was not approved yet, on behalf of the partner: its amount is available again. WRONG_STATE once it
    /// is approved: `payoutCancel` is for those who decide.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn payout_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`, REQUESTED or NEEDS_CHANGES.")] id: PayoutId,
    ) -> Result<PayoutPayload, ApiError> {
        decide_one(ctx, id, &Decision::Withdraw).await
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        let at = |field: &str, code, sentence: &str| UserError::at(&["input", field], code, sentence).into();
        match error {
            RequestError::Invalid(problems) => Self::User(UserError::of_fields_and_key(&problems)),
            RequestError::NotFound => at("partnerId", UserErrorCode::NotFound, "There is no such partner."),
            RequestError::InvoiceNotFound => at("invoiceId", UserErrorCode::NotFound, NO_INVOICE),
            RequestError::UnitsAreRedeemed => {
                at("currency", UserErrorCode::Invalid, "Units are redeemed, not paid out.")
            }
            RequestError::RequestsOff => {
                at("partnerId", UserErrorCode::Forbidden, "The payout policy allows no requests.")
            }
            RequestError::LeftOut(why) => not_payable(why).into(),
            RequestError::BelowMinimum { available, minimum } => below_minimum(available, minimum).into(),
            RequestError::RewardsNotAvailable(ids) => not_available(&ids).into(),
            RequestError::IdempotencyMismatch => UserError::idempotency_mismatch(&["idempotencyKey"]).into(),
            RequestError::Database(error) => error.into(),
        }
    }
}

const NO_INVOICE: &str = "There is no such file, or it is none that somebody gave.";

fn not_payable(why: LeftOut) -> UserError {
    let sentence = match why {
        LeftOut::PartnerNotApproved => "Only approved partners are paid.",
        LeftOut::MethodMissing => "The partner has no payout method.",
        LeftOut::MethodNotAllowed => "The payout policy does not allow the partner's payout method.",
        LeftOut::MethodOfAnotherBatch => "The partner is paid by another method.",
        LeftOut::MethodOutOfReach => "The partner's account cannot be paid to this way.",
        LeftOut::MethodOfAnotherCurrency => "The partner's account takes another currency.",
        LeftOut::MethodCoolingDown => {
            "The partner's payout method took the place of another a short time ago."
        }
        LeftOut::BelowMinimum => "Less is available than the least that is paid.",
        LeftOut::TooFewCustomers => {
            "The partner has referred fewer customers who paid than the policy asks for."
        }
        LeftOut::TaxDataMissing => "The payout policy asks for a tax number of the payee.",
        LeftOut::InvoiceMissing => "The payout policy asks for an invoice.",
    };
    let details = Some(Json(json!({ "reason": why })));
    UserError { details, ..UserError::at(&["input"], UserErrorCode::NotPayable, sentence) }
}

fn below_minimum(available: Money, minimum: Money) -> UserError {
    let sentence = format!("{available} could be paid, and the least that is paid is {minimum}.");
    let details = Some(Json(json!({
        "available": available.to_decimal(), "minimum": minimum.to_decimal(), "currency": minimum.currency()
    })));
    UserError { details, ..UserError::at(&["input"], UserErrorCode::BelowMinimum, sentence) }
}

fn not_available(ids: &[RewardId]) -> UserError {
    let sentence = "Some of these rewards are not this partner's, or not available.";
    let details = Some(Json(json!({ "rewardIds": ids })));
    UserError { details, ..UserError::at(&["input", "rewardIds"], UserErrorCode::NotFound, sentence) }
}

impl From<ResubmitError> for Refusal {
    fn from(error: ResubmitError) -> Self {
        match error {
            ResubmitError::NotFound => UserError::not_found("id", "payout").into(),
            ResubmitError::InvoiceNotFound => {
                UserError::at(&["invoiceId"], UserErrorCode::NotFound, NO_INVOICE).into()
            }
            ResubmitError::LeftOut(why) => not_payable(why).into(),
            ResubmitError::WrongState { current } => UserError::wrong_state("payout", current).into(),
            ResubmitError::Database(error) => error.into(),
        }
    }
}

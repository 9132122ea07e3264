//! What partners and customers redeem.

mod inputs;
mod object;

use async_graphql::{Context, Json, Object};
use domain::{
    page::PageArgs,
    redemptions::{CreateError, NewRedemption},
};
use ids::RedemptionId;
use inputs::{RedemptionFilter, RedemptionInput};
pub use object::Redemption;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    owner::owner_not_found,
    payload::payload,
};

load_by_id!(RedemptionId => Redemption of domain::redemptions::Redemption);

connection!(
    /// Redemptions, newest first.
    RedemptionConnection, RedemptionEdge, Redemption, domain::redemptions::Redemption, |row| row.id
);

payload!(
    /// What `redemptionCreate` answers.
    RedemptionPayload {
        /// The redemption; null when nothing was redeemed.
        redemption: Redemption
    }
);

/// What can be asked about redemptions.
#[derive(Default)]
pub struct RedemptionQuery;

#[Object]
impl RedemptionQuery {
    /// The redemptions in reach, newest first.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn redemptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which redemptions.")] filter: Option<RedemptionFilter>,
    ) -> Result<RedemptionConnection, ApiError> {
        use domain::redemptions::Redemption as Stored;
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = Stored::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(Stored::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(RedemptionConnection::of(rows, page.after.is_none(), total))
    }

    /// The redemption of this id, or null.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn redemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`rdm_...`")] id: RedemptionId,
    ) -> Result<Option<Redemption>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}

/// What can be done with redemptions.
#[derive(Default)]
pub struct RedemptionMutation;

#[Object]
impl RedemptionMutation {
    /// Redeems points, credits or another unit, or a customer's money: from available to paid, and never more than is
    /// available, however many redeem at once. Repeat it with the same key after any failure.
    #[graphql(directive = needs::apply(Permission::RewardsWrite), guard = "Needs(Permission::RewardsWrite)")]
    async fn redemption_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who redeems what, and what for.")] input: RedemptionInput,
    ) -> Result<RedemptionPayload, ApiError> {
        use domain::redemptions::Redemption as Stored;
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let said = match NewRedemption::try_from(input) {
            Ok(said) => said,
            Err(refused) => return RedemptionPayload::of(Err::<Stored, _>(Refusal::from(refused))),
        };
        let mut conn = request.conn().await?;
        RedemptionPayload::of(Stored::create(&mut conn, scope, &said, &request.act).await)
    }
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateError::NotFound(owner) => owner_not_found(owner).into(),
            CreateError::MoneyOfPartner => UserError::at(
                &["input", "amount", "currency"],
                UserErrorCode::Invalid,
                "Partners redeem units only: their money is paid out.",
            )
            .into(),
            CreateError::InsufficientBalance { available } => {
                let field = &["input", "amount"];
                let message = format!("Only {available} is available.");
                let details = serde_json::json!({
                    "available": available.to_decimal(), "currency": available.currency()
                });
                UserError {
                    details: Some(Json(details)),
                    ..UserError::at(field, UserErrorCode::InsufficientBalance, message)
                }
                .into()
            }
            CreateError::KeyMismatch => UserError::idempotency_mismatch(&["input", "key"]).into(),
            CreateError::Database(error) => error.into(),
        }
    }
}

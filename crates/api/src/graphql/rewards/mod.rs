//! Rewards, and why there are none.

mod balances;
mod enums;
mod manual;
mod object;
mod reversal;
mod review_many;
mod review_reason;

use async_graphql::{Context, InputObject, Object};
pub use balances::{Balance, BalancesOfCustomer, BalancesOfPartner};
use domain::{
    page::PageArgs,
    rewards::{ManualReward, Review, ReviewError},
};
use enums::{ReviewCode, RewardOrigin, RewardStatus};
use ids::{CustomerId, PartnerId, ProgramId, RewardId, TransactionId};
use manual::RewardManualInput;
pub use object::{NonReward, Reward};
pub use review_many::RewardReviewMutation;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::{load_by_id, load_lists},
    payload::payload,
};

load_by_id!(RewardId => Reward of domain::rewards::Reward);
load_lists!(
    /// The rewards of a sale.
    RewardsOf(TransactionId) => Reward of domain::rewards::Reward::of_transactions, by transaction_id
);
load_lists!(
    /// Why a sale earned nothing.
    NonRewardsOf(TransactionId) => NonReward of domain::rewards::NonReward::of_transactions, by transaction_id
);
load_lists!(
    /// The rewards of a customer's sign-up.
    SignupRewardsOf(CustomerId) => Reward of domain::rewards::Reward::of_signups, by customer_id
);
load_lists!(
    /// Why a customer's sign-up earned nothing.
    SignupNonRewardsOf(CustomerId) => NonReward of domain::rewards::NonReward::of_signups, by customer_id
);

connection!(
    /// Rewards, newest first.
    RewardConnection, RewardEdge, Reward, domain::rewards::Reward, |row| row.id
);

payload!(
    /// What a mutation of a reward answers.
    RewardPayload {
        /// The reward as it is now; null when nothing was done.
        reward: Reward
    }
);

/// Which rewards a list shows.
#[derive(InputObject, Default)]
pub struct RewardFilter {
    /// Of one of these programs, at most 100.
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// Earned by one of these partners, at most 100.
    #[graphql(validator(max_items = 100))]
    partner_ids: Option<Vec<PartnerId>>,
    /// Given to one of these customers, at most 100.
    #[graphql(validator(max_items = 100))]
    beneficiary_customer_ids: Option<Vec<CustomerId>>,
    /// Made of one of these.
    #[graphql(validator(max_items = 100))]
    triggers: Option<Vec<RewardOrigin>>,
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<RewardStatus>>,
    /// Under review, for one of these reasons.
    #[graphql(validator(max_items = 100))]
    under_review_for: Option<Vec<ReviewCode>>,
}

impl From<RewardFilter> for domain::rewards::RewardFilter {
    fn from(filter: RewardFilter) -> Self {
        Self {
            programs: filter.program_ids,
            partners: filter.partner_ids.unwrap_or_default(),
            beneficiary_customers: filter.beneficiary_customer_ids.unwrap_or_default(),
            triggers: filter.triggers.unwrap_or_default().into_iter().map(Into::into).collect(),
            status: filter.status.unwrap_or_default().into_iter().map(Into::into).collect(),
            under_review_for: filter
                .under_review_for
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
        }
    }
}

/// What can be asked about rewards.
#[derive(Default)]
pub struct RewardQuery;

#[Object]
impl RewardQuery {
    /// The rewards in reach, newest first.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn rewards(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which rewards.")] filter: Option<RewardFilter>,
    ) -> Result<RewardConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::rewards::Reward::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::rewards::Reward::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(RewardConnection::of(rows, page.after.is_none(), total))
    }

    /// The reward of this id, or null.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn reward(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`rwd_...`")] id: RewardId,
    ) -> Result<Option<Reward>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}

/// What can be done with rewards.
#[derive(Default)]
pub struct RewardMutation;

#[Object]
impl RewardMutation {
    /// Gives a partner or a customer a reward, bonus or credit by hand, or corrects downward what they were given. It is
    /// available at once, whatever the holds of the terms, and shown with the trigger MANUAL.
    #[graphql(directive = needs::apply(Permission::RewardsWrite), guard = "Needs(Permission::RewardsWrite)")]
    async fn reward_create_manual(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who gets how much, and why.")] input: RewardManualInput,
    ) -> Result<RewardPayload, ApiError> {
        use domain::rewards::Reward as Stored;
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let said = match ManualReward::try_from(input) {
            Ok(said) => said,
            Err(refused) => return RewardPayload::of(Err::<Stored, _>(Refusal::from(refused))),
        };
        let mut conn = request.conn().await?;
        RewardPayload::of(Stored::create_manual(&mut conn, scope, &said, &request.act).await)
    }

    /// Approves a reward under review: it is held like any other.
    #[graphql(directive = needs::apply(Permission::RewardsWrite), guard = "Needs(Permission::RewardsWrite)")]
    async fn reward_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`rwd_...`")] id: RewardId,
    ) -> Result<RewardPayload, ApiError> {
        review(ctx, id, Review::Approve).await
    }

    /// Rejects a reward under review or held.
    #[graphql(directive = needs::apply(Permission::RewardsWrite), guard = "Needs(Permission::RewardsWrite)")]
    async fn reward_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`rwd_...`")] id: RewardId,
        #[graphql(desc = "Kept in the audit trail; 1 to 500 characters.")] reason: String,
    ) -> Result<RewardPayload, ApiError> {
        review(ctx, id, Review::Reject { reason }).await
    }
}

async fn review(ctx: &Context<'_>, id: RewardId, review: Review) -> Result<RewardPayload, ApiError> {
    let request = Request::of(ctx);
    let mut conn = request.conn().await?;
    RewardPayload::of(
        domain::rewards::Reward::review(&mut conn, request.scope()?, id, &review, &request.act).await,
    )
}

impl From<ReviewError> for Refusal {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::NotFound => UserError::not_found("id", "reward").into(),
            ReviewError::WrongState { current } => UserError::wrong_state("reward", current).into(),
            ReviewError::Reason(_) => {
                UserError::at(&["reason"], UserErrorCode::Invalid, "Give a reason of 1 to 500 characters.")
                    .into()
            }
            ReviewError::Database(error) => error.into(),
        }
    }
}

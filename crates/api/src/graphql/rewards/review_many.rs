use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::{operations, rewards::Review};
use ids::RewardId;

use super::{Reward, RewardFilter};
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    operations::Operation,
};

/// Which rewards are decided about: either by their ids or by a filter.
#[derive(InputObject)]
pub struct RewardSelection {
    /// These, 1 to 100, at once; those that cannot be decided about stay as they are, and are named in `userErrors`.
    #[graphql(validator(min_items = 1, max_items = 100))]
    ids: Option<Vec<RewardId>>,
    /// All that pass and exist by now, as an operation. Without `status`, those under review; those in a state that the
    /// decision cannot start from stay as they are.
    filter: Option<RewardFilter>,
}

/// What deciding about many rewards answers.
#[derive(SimpleObject, Default)]
pub struct RewardsReviewPayload {
    /// The rewards of `ids` that were decided about, as they are now, in the order of the ids.
    pub rewards: Vec<Reward>,
    /// What decides about the rewards that pass the filter, with its progress; null when ids were named.
    pub operation: Option<Operation>,
    /// What was wrong with the input, or with single rewards: `field` ends with the place in `ids`, from 0. The others are
    /// decided.
    pub user_errors: Vec<UserError>,
}

/// What can be done with many rewards.
#[derive(Default)]
pub struct RewardReviewMutation;

#[Object]
impl RewardReviewMutation {
    /// Approves many rewards under review: they are held like any other.
    #[graphql(directive = needs::apply(Permission::RewardsWrite), guard = "Needs(Permission::RewardsWrite)")]
    async fn rewards_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] selection: RewardSelection,
    ) -> Result<RewardsReviewPayload, ApiError> {
        review_many(ctx, selection, Review::Approve).await
    }

    /// Rejects many rewards under review or held. A filter means those under review, unless its `status` names HELD.
    #[graphql(directive = needs::apply(Permission::RewardsWrite), guard = "Needs(Permission::RewardsWrite)")]
    async fn rewards_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] selection: RewardSelection,
        #[graphql(desc = "Kept in the audit trail; 1 to 500 characters.")] reason: String,
    ) -> Result<RewardsReviewPayload, ApiError> {
        review_many(ctx, selection, Review::Reject { reason }).await
    }
}

async fn review_many(
    ctx: &Context<'_>,
    selection: RewardSelection,
    review: Review,
) -> Result<RewardsReviewPayload, ApiError> {
    let done = match (selection.ids, selection.filter) {
        (Some(ids), None) => review_these(ctx, &ids, &review).await,
        (None, Some(filter)) => review_all(ctx, filter, &review).await,
        _ => {
            let sentence = "Name either ids or a filter.";
            Err(UserError::at(&["selection"], UserErrorCode::Invalid, sentence).into())
        }
    };
    match done {
        Ok(payload) => Ok(payload),
        Err(Refusal::User(user_errors)) => {
            Ok(RewardsReviewPayload { user_errors, ..RewardsReviewPayload::default() })
        }
        Err(Refusal::Api(error)) => Err(error),
    }
}

async fn review_these(
    ctx: &Context<'_>,
    ids: &[RewardId],
    review: &Review,
) -> Result<RewardsReviewPayload, Refusal> {
    let request = Request::of(ctx);
    let scope = request.scope().map_err(Refusal::Api)?;
    let mut conn = request.conn().await.map_err(Refusal::Api)?;
    let decided = domain::rewards::Reward::review_these(&mut conn, scope, ids, review, &request.act).await?;
    let mut payload = RewardsReviewPayload::default();
    for (place, decided) in decided.into_iter().enumerate() {
        match decided.map_err(Refusal::from) {
            Ok(reward) => payload.rewards.push(reward.into()),
            Err(Refusal::User(errors)) => {
                let place = place.to_string();
                let path = ["selection", "ids", &place].map(str::to_owned).to_vec();
                let errors = errors.into_iter().map(|error| UserError { field: Some(path.clone()), ..error });
                payload.user_errors.extend(errors);
            }
            Err(Refusal::Api(error)) => return Err(Refusal::Api(error)),
        }
    }
    Ok(payload)
}

async fn review_all(
    ctx: &Context<'_>,
    filter: RewardFilter,
    review: &Review,
) -> Result<RewardsReviewPayload, Refusal> {
    let request = Request::of(ctx);
    let scope = request.scope().map_err(Refusal::Api)?;
    let mut conn = request.conn().await.map_err(Refusal::Api)?;
    let begun = operations::review_rewards(&mut conn, scope, &filter.into(), review, &request.act).await?;
    Ok(RewardsReviewPayload { operation: Some(Operation(begun)), ..RewardsReviewPayload::default() })
}

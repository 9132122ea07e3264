use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::JobId;
use queue::NewJob;
use serde::Serialize;

use super::{Operation, OperationKind, ReviewRewards};
use crate::{
    act::Act,
    audit,
    rewards::{Review, ReviewError, Reward, RewardFilter, RewardStatus, decide},
    schema::operations,
    scope::AccountScope,
};

/// How many rewards are decided about in one transaction.
pub const REVIEW_BATCH: usize = 200;

/// Counting what there is to decide stops here.
const COUNTED_AT_MOST: i64 = 10_000;

/// What one batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reviewed {
    /// How many were decided about.
    pub rewards: usize,
    /// The job that goes on, if there may be more.
    pub goes_on_as: Option<JobId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Noted<'a> {
    filter: &'a RewardFilter,
    reason: Option<&'a str>,
    total: i64,
}

/// Begins to decide alike about all rewards that pass the filter and exist by now; of a filter that names no state, about
/// those under review. Jobs do it: what somebody else decides meanwhile stays as it is decided.
///
/// # Errors
/// [`ReviewError::Reason`], and the database's.
pub async fn review_rewards(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    filter: &RewardFilter,
    review: &Review,
    act: &Act,
) -> Result<Operation, ReviewError> {
    let review = review.checked()?;
    let filter = RewardFilter {
        programs: scope.narrow(filter.programs.clone()),
        status: decided_about(filter, &review),
        ..filter.clone()
    };
    Ok(conn.transaction(async |conn| begin(conn, scope, filter, &review, act).await).await?)
}

/// The states that the filter lets pass and the decision can start from.
fn decided_about(filter: &RewardFilter, review: &Review) -> Vec<RewardStatus> {
    let wanted = match filter.status.as_slice() {
        [] => &[RewardStatus::PendingReview],
        wanted => wanted,
    };
    wanted.iter().copied().filter(|status| review.allowed_from().contains(status)).collect()
}

async fn begin(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    filter: RewardFilter,
    review: &Review,
    act: &Act,
) -> QueryResult<Operation> {
    // In a filter no state at all would be no limit.
    let (up_to, counted) = match filter.status.is_empty() {
        true => (None, 0),
        false => (
            Reward::newest(conn, scope, &filter).await?,
            Reward::count(conn, scope, &filter, COUNTED_AT_MOST + 1).await?,
        ),
    };
    let (kind, action) = match review {
        Review::Approve => (OperationKind::RewardsApprove, "rewardsApprove"),
        Review::Reject { .. } => (OperationKind::RewardsReject, "rewardsReject"),
    };
    let account_id = scope.account_id;
    let work = ReviewRewards { operation_id: act.ids.next(act.now), account_id, filter, up_to, after: None };
    let operation = Operation {
        id: work.operation_id,
        account_id: Some(account_id),
        kind,
        reason: review.reason().map(str::to_owned),
        job_id: enqueue(conn, &work, act).await?,
        total: counted.min(COUNTED_AT_MOST),
        total_capped: counted > COUNTED_AT_MOST,
        done: 0,
        started_by: act.actor.to_string(),
        started_at: act.now,
        updated_at: act.now,
        finished_at: None,
    };
    operation.begin(conn).await?;
    let noted = Noted { filter: &work.filter, reason: review.reason(), total: operation.total };
    audit::record(conn, act, account_id, action, operation.id, (None, Some(&noted))).await?;
    Ok(operation)
}

/// Decides about one more batch of an operation in the caller's transaction, as who began it, and enqueues the job that goes
/// on if there may be more.
///
/// # Errors
/// The database's.
pub async fn review_rewards_batch(
    conn: &mut AsyncPgConnection,
    work: &ReviewRewards,
    act: &Act,
) -> QueryResult<Reviewed> {
    let operation: Operation =
        operations::table.find(work.operation_id).select(Operation::as_select()).first(conn).await?;
    let review = operation.review().ok_or(diesel::result::Error::NotFound)?;
    let limit = i64::try_from(REVIEW_BATCH).unwrap_or(i64::MAX);
    let scope = AccountScope::whole(work.account_id);
    let seen = match work.up_to {
        Some(up_to) => Reward::between(conn, &scope, &work.filter, (work.after, up_to), limit).await?,
        None => Vec::new(),
    };
    // The trail names the person who decided, not the job that carried it out.
    let decides = act.by(operation.started_by.parse().unwrap_or(act.actor));
    // Of the states that were asked for: what was approved since it was seen is not rejected as if it still waited.
    let decided = decide(conn, &seen, (&review, &work.filter.status), &decides).await?;
    let rewards = decided.iter().filter(|(_, decided)| decided.is_ok()).count();
    let goes_on_as = match seen.last() {
        Some((last, _)) if seen.len() >= REVIEW_BATCH => {
            let next = ReviewRewards { after: Some(*last), ..work.clone() };
            Some(enqueue(conn, &next, act).await?)
        }
        _ => None,
    };
    Operation::advance(conn, work.operation_id, rewards, goes_on_as, act.now).await?;
    Ok(Reviewed { rewards, goes_on_as })
}

async fn enqueue(conn: &mut AsyncPgConnection, work: &ReviewRewards, act: &Act) -> QueryResult<JobId> {
    let job =
        NewJob::of(work).caused_by(act.request_id.clone(), act.traceparent.clone()).account(work.account_id);
    let enqueued = queue::enqueue(conn, act.now, &act.ids, &[job]).await?.pop();
    enqueued.ok_or(diesel::result::Error::NotFound)
}

impl Operation {
    /// The decision that it carries out, if it does one.
    fn review(&self) -> Option<Review> {
        match (self.kind, &self.reason) {
            (OperationKind::RewardsApprove, _) => Some(Review::Approve),
            (OperationKind::RewardsReject, Some(reason)) => Some(Review::Reject { reason: reason.clone() }),
            (OperationKind::RewardsReject, None)
            | (OperationKind::JobsRetry | OperationKind::TermsSimulate, _) => None,
        }
    }
}

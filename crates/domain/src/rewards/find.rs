use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, ProgramId, RewardId, TransactionId, TypedId};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{NonReward, ReviewCode, Reward, RewardStatus, RewardTrigger, review_code::is_reason};
use crate::{
    page::{Page, PageArgs},
    schema::{non_rewards, rewards},
    scope::AccountScope,
};

/// Which rewards a list shows; an empty list or `None` is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RewardFilter {
    /// Of one of these programs.
    pub programs: Option<Vec<ProgramId>>,
    /// Earned by one of these partners.
    pub partners: Vec<PartnerId>,
    /// Given to one of these customers.
    pub beneficiary_customers: Vec<CustomerId>,
    /// Made of one of these.
    pub triggers: Vec<RewardTrigger>,
    /// In one of these states.
    pub status: Vec<RewardStatus>,
    /// Under review, for one of these reasons.
    pub under_review_for: Vec<ReviewCode>,
}

impl Reward {
    /// The reward of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: RewardId,
    ) -> QueryResult<Option<Self>> {
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// The rewards of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[RewardId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = rewards::table
            .filter(rewards::account_id.eq(scope.account_id))
            .filter(rewards::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The rewards that these sales earned, by id.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_transactions(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        transactions: &[TransactionId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = rewards::table
            .filter(rewards::account_id.eq(scope.account_id))
            .filter(rewards::transaction_id.eq_any(transactions))
            .order(rewards::id)
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The rewards that the sign-ups of these customers earned, by id.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_signups(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        customers: &[CustomerId],
    ) -> QueryResult<Vec<Self>> {
        let sources: Vec<Uuid> = customers.iter().map(|id| id.uuid()).collect();
        let rows: Vec<Self> = rewards::table
            .filter(rewards::account_id.eq(scope.account_id))
            .filter(rewards::source.eq_any(sources))
            .filter(rewards::transaction_id.is_null())
            .order(rewards::id)
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// A page of rewards, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RewardFilter,
        page: PageArgs<RewardId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(rewards::id.desc());
        if let Some(after) = page.after {
            query = query.filter(rewards::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many rewards match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RewardFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<RewardId> =
            Self::matching(scope, filter).limit(cap).select(rewards::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    /// The newest reward that matches.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn newest(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RewardFilter,
    ) -> QueryResult<Option<RewardId>> {
        let newest = Self::matching(scope, filter).order(rewards::id.desc()).select(rewards::id);
        newest.first(conn).await.optional()
    }

    /// The first rewards that match behind the one and up to the other, with their programs, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn between(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RewardFilter,
        (after, up_to): (Option<RewardId>, RewardId),
        limit: i64,
    ) -> QueryResult<Vec<(RewardId, ProgramId)>> {
        let mut query = Self::matching(scope, filter).filter(rewards::id.le(up_to)).order(rewards::id);
        if let Some(after) = after {
            query = query.filter(rewards::id.gt(after));
        }
        query.limit(limit).select((rewards::id, rewards::program_id)).load(conn).await
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a RewardFilter,
    ) -> rewards::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = rewards::table.filter(rewards::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.narrow(filter.programs.clone()) {
            query = query.filter(rewards::program_id.eq_any(programs));
        }
        if !filter.partners.is_empty() {
            query = query.filter(rewards::partner_id.eq_any(&filter.partners).assume_not_null());
        }
        if !filter.beneficiary_customers.is_empty() {
            let given = rewards::beneficiary_customer_id.eq_any(&filter.beneficiary_customers);
            query = query.filter(given.assume_not_null());
        }
        if !filter.triggers.is_empty() {
            query = query.filter(rewards::trigger.eq_any(&filter.triggers));
        }
        if !filter.status.is_empty() {
            query = query.filter(rewards::status.eq_any(&filter.status));
        }
        if !filter.under_review_for.is_empty() {
            query = query
                .filter(rewards::status.eq(RewardStatus::PendingReview))
                .filter(is_reason(&filter.under_review_for));
        }
        query
    }
}

impl NonReward {
    /// Why these sales earned nothing, where they did not.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_transactions(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        transactions: &[TransactionId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = non_rewards::table
            .filter(non_rewards::account_id.eq(scope.account_id))
            .filter(non_rewards::transaction_id.eq_any(transactions))
            .filter(non_rewards::superseded_at.is_null())
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// Why the sign-ups of these customers earned nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_signups(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        customers: &[CustomerId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = non_rewards::table
            .filter(non_rewards::account_id.eq(scope.account_id))
            .filter(non_rewards::customer_id.eq_any(customers))
            .filter(non_rewards::transaction_id.is_null())
            .filter(non_rewards::superseded_at.is_null())
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }
}

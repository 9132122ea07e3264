use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::PayoutBatchId;

use super::{BatchOrigin, BatchStatus, PayoutBatch};
use crate::{
    act::{Act, Actor},
    audit,
    events::{self, EventKind},
    schema::{api_keys, payout_batches},
    scope::AccountScope,
};

/// Why a batch was not approved.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    /// No such batch in reach.
    #[error("no such batch")]
    NotFound,
    /// It does not wait for approval.
    #[error("the batch is {current}")]
    WrongState {
        /// Where it stands.
        current: BatchStatus,
    },
    /// Whoever prepared it, by themselves or by a key of theirs, does not approve it (S4).
    #[error("another person approves")]
    SamePerson,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PayoutBatch {
    /// Approves the batch `id`, which another person has prepared.
    ///
    /// # Errors
    /// [`ApproveError`].
    pub async fn approve(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PayoutBatchId,
        act: &Act,
    ) -> Result<Self, ApproveError> {
        conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, id).await?.ok_or(ApproveError::NotFound)?;
            if before.status != BatchStatus::AwaitingApproval {
                return Err(ApproveError::WrongState { current: before.status });
            }
            let approver = act.actor.to_string();
            if person_of(conn, &before.prepared_by).await? == person_of(conn, &approver).await? {
                return Err(ApproveError::SamePerson);
            }
            let after: Self = diesel::update(payout_batches::table.find(id))
                .set((
                    payout_batches::status.eq(BatchStatus::Approved),
                    payout_batches::approved_by.eq(approver),
                    payout_batches::approved_at.eq(act.now),
                    payout_batches::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "payoutBatchApprove", id, change).await?;
            events::record(conn, act, &[after.event(EventKind::PayoutBatchApproved)]).await?;
            Ok(after)
        })
        .await
    }
}

impl PayoutBatch {
    /// Whether no other person than this one has seen a batch that two are to see.
    pub(super) async fn needs_another_person(
        &self,
        conn: &mut AsyncPgConnection,
        act: &Act,
    ) -> QueryResult<bool> {
        let Some(approver) = &self.approved_by else { return Ok(false) };
        if !self.four_eyes || self.origin != BatchOrigin::Schedule {
            return Ok(false);
        }
        Ok(person_of(conn, approver).await? == person_of(conn, &act.actor.to_string()).await?)
    }
}

/// The person behind an actor: of a key whoever made it, of a key that a key made whoever made that one. A key is made after
/// the one that makes it, so that the way ends.
async fn person_of(conn: &mut AsyncPgConnection, actor: &str) -> QueryResult<String> {
    let mut actor = actor.to_owned();
    while let Ok(Actor::ApiKey(key)) = actor.parse() {
        let maker: Option<String> =
            api_keys::table.find(key).select(api_keys::created_by).first(conn).await.optional()?;
        match maker {
            Some(maker) => actor = maker,
            None => break,
        }
    }
    Ok(actor)
}

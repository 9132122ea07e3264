use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::PayoutBatchId;
use money::Currency;

use super::{BatchOrigin, BatchStatus, PayoutBatch, Rail};
use crate::{
    act::Act,
    idempotency::{self, Claim},
    payout_policies::Policies,
    scope::AccountScope,
    text::{Checks, FieldProblem},
};

/// What is to be tried again.
#[derive(Debug, Clone, Copy)]
pub struct Retry<'a> {
    /// The batch that has ended.
    pub batch_id: PayoutBatchId,
    /// Over what it is paid now; over the same if absent.
    pub rail: Option<Rail>,
    /// The caller's name for the call: 1 to 255 characters.
    pub idempotency_key: &'a str,
}

/// Why nothing is tried again.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such batch in reach.
    #[error("no such batch")]
    NotFound,
    /// None of its payouts has failed, or it has not ended.
    #[error("the batch is {current}")]
    WrongState {
        /// Where it stands.
        current: BatchStatus,
    },
    /// The rail does not carry the currency of the batch.
    #[error("{rail} carries no {currency}")]
    RailOfOtherCurrency {
        /// The rail.
        rail: Rail,
        /// The currency.
        currency: Currency,
    },
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PayoutBatch {
    /// Begins another batch with the items of the payouts of a batch that failed or came back, as new payouts to where these
    /// partners are paid now.
    ///
    /// # Errors
    /// [`RetryError`].
    pub async fn retry(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        Retry { batch_id: id, rail, idempotency_key: key }: Retry<'_>,
        act: &Act,
    ) -> Result<Self, RetryError> {
        let mut checks = Checks::default();
        checks.idempotency_key(Some(key));
        checks.done(()).map_err(RetryError::Invalid)?;
        let retry: PayoutBatchId = act.ids.next(act.now);
        let said = idempotency::fingerprint(&(id, rail));
        conn.transaction(async |conn| {
            let failed = Self::find_locked(conn, scope, id).await?.ok_or(RetryError::NotFound)?;
            let (name, object) = (("payoutBatchRetry", key), retry.to_string());
            match idempotency::claim(conn, scope.account_id, name, &said, &object, act.now).await? {
                Claim::New => {}
                Claim::Mismatch => return Err(RetryError::IdempotencyMismatch),
                Claim::Replayed(object) => {
                    let id = object.parse().map_err(|_| RetryError::IdempotencyMismatch)?;
                    return Self::find(conn, scope, id).await?.ok_or(RetryError::NotFound);
                }
            }
            if failed.status != BatchStatus::PartlyFailed || failed.failed == 0 {
                return Err(RetryError::WrongState { current: failed.status });
            }
            let rail = rail.unwrap_or(failed.rail);
            if !rail.carries(failed.currency) {
                return Err(RetryError::RailOfOtherCurrency { rail, currency: failed.currency });
            }
            let policies = Policies::load(conn, failed.account_id, &[failed.program_id], &[]).await?;
            let four_eyes = policies.of_program(failed.program_id).four_eyes;
            let batch = Self { four_eyes, ..failed.again((retry, rail), act) };
            batch.begin(conn, act).await?;
            Ok(batch)
        })
        .await
    }

    /// A draft like it, over that rail: over another one by all methods which that reaches.
    fn again(&self, (id, rail): (PayoutBatchId, Rail), act: &Act) -> Self {
        Self {
            id,
            rail,
            methods: self.methods.clone().filter(|_| rail == self.rail),
            status: BatchStatus::Draft,
            origin: BatchOrigin::Retry,
            cutoff_at: act.now,
            partners: None,
            beyond: None,
            retry_of: Some(self.id),
            frozen_up_to: None,
            payouts: 0,
            total: 0,
            content_hash: None,
            paid: 0,
            failed: 0,
            cancelled: 0,
            prepared_by: act.actor.to_string(),
            approved_by: None,
            executed_by: None,
            created_at: act.now,
            frozen_at: None,
            approved_at: None,
            executed_at: None,
            ended_at: None,
            updated_at: act.now,
            ..self.clone()
        }
    }
}

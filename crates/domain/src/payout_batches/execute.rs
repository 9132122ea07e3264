use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{PayoutBatchId, PayoutId, PayoutSubmissionId, TypedId};
use money::Money;
use serde::Serialize;

use super::{
    BatchStatus, ExecuteBatch, PayoutBatch, PayoutSubmission, Rail, Settlement, SubmissionStatus,
    SubmitPayouts, Verdict, WriteSubmissionFile, settle,
};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    idempotency::{self, Claim},
    payouts::{Payout, PayoutStatus},
    schema::{payout_batches, payout_submissions, payouts},
    scope::AccountScope,
    text::{Checks, FieldProblem},
};

/// That somebody wants a batch executed.
#[derive(Debug, Clone, Serialize)]
pub struct Execution {
    /// The batch.
    pub batch_id: PayoutBatchId,
    /// What its payouts come to, as the person has read it.
    pub confirmed_total: Money,
    /// The same key again answers with the batch.
    #[serde(skip)]
    pub idempotency_key: String,
}

/// Why a batch was not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such batch in reach.
    #[error("no such batch")]
    NotFound,
    /// It is not approved, or was executed before.
    #[error("the batch is {current}")]
    WrongState {
        /// Where it stands.
        current: BatchStatus,
    },
    /// With four eyes, whoever approved what the schedule prepared does not execute it: no other person has seen it.
    #[error("another person executes")]
    SamePerson,
    /// The total is another one than was confirmed.
    #[error("the total is {total}")]
    TotalMismatch {
        /// What its payouts come to.
        total: Money,
    },
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PayoutBatch {
    /// Executes an approved batch against the total that somebody confirms: jobs cut it into submissions and send these.
    ///
    /// # Errors
    /// [`ExecuteError`].
    pub async fn execute(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &Execution,
        act: &Act,
    ) -> Result<Self, ExecuteError> {
        let mut checks = Checks::default();
        checks.idempotency_key(Some(&said.idempotency_key));
        checks.done(()).map_err(ExecuteError::Invalid)?;
        let fingerprint = idempotency::fingerprint(said);
        conn.transaction(async |conn| {
            let id = said.batch_id;
            let before = Self::find_locked(conn, scope, id).await?.ok_or(ExecuteError::NotFound)?;
            let (name, object) = (("payoutBatchExecute", said.idempotency_key.as_str()), id.to_string());
            match idempotency::claim(conn, scope.account_id, name, &fingerprint, &object, act.now).await? {
                Claim::New => {}
                Claim::Mismatch => return Err(ExecuteError::IdempotencyMismatch),
                Claim::Replayed(_) => return Ok(before),
            }
            if before.status != BatchStatus::Approved {
                return Err(ExecuteError::WrongState { current: before.status });
            }
            if before.needs_another_person(conn, act).await? {
                return Err(ExecuteError::SamePerson);
            }
            if before.total_money() != said.confirmed_total {
                return Err(ExecuteError::TotalMismatch { total: before.total_money() });
            }
            let after: Self = diesel::update(payout_batches::table.find(id))
                .set((
                    payout_batches::status.eq(BatchStatus::Executing),
                    payout_batches::executed_by.eq(act.actor.to_string()),
                    payout_batches::executed_at.eq(act.now),
                    payout_batches::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let job = ExecuteBatch { account_id: after.account_id, batch_id: id };
            queue::enqueue(conn, act.now, &act.ids, &[after.job(&job, act)]).await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "payoutBatchExecute", id, change).await?;
            events::record(conn, act, &[after.event(EventKind::PayoutBatchExecuted)]).await?;
            Ok(after)
        })
        .await
    }

    /// Cuts the next submission of a batch that is executed, in the caller's transaction, sends the job for it, and goes on by
    /// another job. Leaves quietly when nothing is left to cut.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute_range(
        conn: &mut AsyncPgConnection,
        job: &ExecuteBatch,
        act: &Act,
    ) -> QueryResult<()> {
        let batch = Self::lock_all(conn, job.account_id, &[job.batch_id]).await?.pop();
        let Some(batch) = batch.filter(|batch| batch.status == BatchStatus::Executing) else { return Ok(()) };
        let chunk: Vec<Payout> = payouts::table
            .filter(payouts::account_id.eq(batch.account_id))
            .filter(payouts::batch_id.eq(batch.id))
            .filter(payouts::status.eq(PayoutStatus::Batched))
            .order(payouts::id)
            .limit(batch.rail.chunk())
            .for_no_key_update()
            .select(Payout::as_select())
            .load(conn)
            .await?;
        if chunk.is_empty() {
            return Ok(());
        }
        let submission = batch.submission(conn, &chunk, act).await?;
        let ids: Vec<PayoutId> = chunk.iter().map(|payout| payout.id).collect();
        let mut sent: Vec<Payout> = diesel::update(payouts::table.filter(payouts::id.eq_any(&ids)))
            .set((
                payouts::status.eq(PayoutStatus::Sending),
                payouts::submission_id.eq(submission.id),
                payouts::sent_at.eq(act.now),
                payouts::updated_at.eq(act.now),
            ))
            .returning(Payout::as_returning())
            .get_results(conn)
            .await?;
        sent.sort_unstable_by_key(|payout| payout.id);
        events::record(conn, act, &sent.iter().map(Payout::event).collect::<Vec<_>>()).await?;
        batch.send(conn, &submission, &ids, act).await?;
        queue::enqueue(conn, act.now, &act.ids, &[batch.job(job, act)]).await.map(|_| ())
    }

    async fn submission(
        &self,
        conn: &mut AsyncPgConnection,
        chunk: &[Payout],
        act: &Act,
    ) -> QueryResult<PayoutSubmission> {
        let before: Option<i32> = payout_submissions::table
            .filter(payout_submissions::account_id.eq(self.account_id))
            .filter(payout_submissions::batch_id.eq(self.id))
            .select(diesel::dsl::max(payout_submissions::chunk))
            .first(conn)
            .await?;
        let number = before.unwrap_or(0) + 1;
        // Executed again, after the database went back to a copy from before, it has the same reference at the provider, who
        // knows by it what was paid.
        let id = PayoutSubmissionId::nth_of(self.id, number.unsigned_abs());
        let submission = PayoutSubmission {
            id,
            account_id: self.account_id,
            program_id: self.program_id,
            batch_id: self.id,
            chunk: number,
            reference: id.to_string(),
            status: if self.rail.is_listed() {
                SubmissionStatus::Accepted
            } else {
                SubmissionStatus::Pending
            },
            payouts: i32::try_from(chunk.len()).unwrap_or(i32::MAX),
            total: chunk.iter().map(|payout| payout.amount).sum(),
            payer: None,
            draft: None,
            provider_reference: None,
            file_id: None,
            created_at: act.now,
            updated_at: act.now,
        };
        diesel::insert_into(payout_submissions::table).values(&submission).execute(conn).await?;
        Ok(submission)
    }

    async fn send(
        &self,
        conn: &mut AsyncPgConnection,
        submission: &PayoutSubmission,
        payouts: &[PayoutId],
        act: &Act,
    ) -> QueryResult<()> {
        let (account_id, submission_id) = (self.account_id, submission.id);
        let job = match self.rail {
            // The owner's shop gives the credit as soon as it hears of it.
            Rail::StoreCredit => {
                let paid = |payout_id: &PayoutId| Settlement {
                    payout_id: *payout_id,
                    verdict: Verdict::Paid { reference: None, fee: None },
                };
                let settlements: Vec<Settlement> = payouts.iter().map(paid).collect();
                settle(conn, account_id, &settlements, act).await?;
                self.job(&WriteSubmissionFile { account_id, submission_id }, act)
            }
            Rail::Paypal | Rail::Wise => self.job(&SubmitPayouts { account_id, submission_id }, act),
            // By hand: what it makes is a list for those who pay.
            Rail::SepaFile | Rail::PaypalFile | Rail::WiseFile | Rail::File | Rail::Manual => {
                self.job(&WriteSubmissionFile { account_id, submission_id }, act)
            }
        };
        queue::enqueue(conn, act.now, &act.ids, &[job]).await.map(|_| ())
    }
}

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, FileId, PayoutAttemptId, PayoutBatchId, PayoutSubmissionId, ProgramId};
use money::Currency;

use super::PayoutBatch;
use crate::{
    schema::{payout_attempts, payout_submissions},
    scope::AccountScope,
    text_enum,
};

text_enum! {
    /// Where a submission stands.
    SubmissionStatus {
        /// Nobody was asked to pay it yet.
        Pending = "PENDING",
        /// The provider is being asked.
        InFlight = "IN_FLIGHT",
        /// Nobody answered: whether it was accepted is looked up before it is sent again.
        Unknown = "UNKNOWN",
        /// The provider refused it as a whole, and paid nothing; its payouts keep their amounts.
        Refused = "REFUSED",
        /// The provider has it, or the file was made; its payouts end one by one.
        Accepted = "ACCEPTED",
        /// Each of its payouts has ended.
        Done = "DONE",
        /// Its payouts are to be cancelled, as soon as what the provider made of it can be paid no more.
        Abandoning = "ABANDONING",
        /// Its payouts were cancelled after it had been refused.
        Cancelled = "CANCELLED",
    }
}

text_enum! {
    /// What became of an attempt.
    AttemptOutcome {
        /// It has no answer yet.
        InFlight = "IN_FLIGHT",
        /// The provider accepted it.
        Succeeded = "SUCCEEDED",
        /// The provider refused it, or never got it.
        Failed = "FAILED",
        /// Nobody answered.
        Unknown = "UNKNOWN",
    }
}

/// What one call to a provider, or one file, pays. Its payouts and its reference are fixed before the first attempt.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payout_submissions)]
pub struct PayoutSubmission {
    /// Its id.
    pub id: PayoutSubmissionId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The batch.
    pub batch_id: PayoutBatchId,
    /// Which part of the batch it is, from 1.
    pub chunk: i32,
    /// What we call it, in all attempts.
    pub reference: String,
    /// Where it stands.
    pub status: SubmissionStatus,
    /// How many payouts it has.
    pub payouts: i32,
    /// What they come to, in minor units.
    pub total: i64,
    /// From which account at the provider it is paid, as the provider's client names it.
    pub payer: Option<String>,
    /// What the provider made of it before it was asked to pay.
    pub draft: Option<String>,
    /// What the provider calls it.
    pub provider_reference: Option<String>,
    /// The file that was made of it.
    pub file_id: Option<FileId>,
    /// When it was cut.
    pub created_at: DateTime<Utc>,
    /// When its state last changed.
    pub updated_at: DateTime<Utc>,
}

/// One time that a provider was asked to pay a submission. The row stands before the call is made.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payout_attempts)]
pub struct Attempt {
    /// Its id.
    pub id: PayoutAttemptId,
    /// The tenant.
    pub account_id: AccountId,
    /// The submission.
    pub submission_id: PayoutSubmissionId,
    /// Counted per submission from 1.
    pub number: i32,
    /// What became of it.
    pub outcome: AttemptOutcome,
    /// What the provider said, without personal data.
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When the provider was last asked to pay: when it began, or by a look-up that pays.
    pub asked_at: DateTime<Utc>,
    /// When its outcome was known.
    pub finished_at: Option<DateTime<Utc>>,
}

impl PayoutSubmission {
    /// The submissions of these batches that are in reach, in their order.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_batches(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        batches: &[PayoutBatchId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = payout_submissions::table
            .filter(payout_submissions::account_id.eq(scope.account_id))
            .filter(payout_submissions::batch_id.eq_any(batches))
            .order((payout_submissions::batch_id, payout_submissions::chunk))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The submissions of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PayoutSubmissionId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = payout_submissions::table
            .filter(payout_submissions::account_id.eq(scope.account_id))
            .filter(payout_submissions::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The submission of that id, its row locked until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn lock(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        id: PayoutSubmissionId,
    ) -> QueryResult<Option<Self>> {
        payout_submissions::table
            .filter(payout_submissions::account_id.eq(account_id))
            .filter(payout_submissions::id.eq(id))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The submission of that id and its batch, both rows locked until the transaction ends, the batch first, as by everybody.
    ///
    /// # Errors
    /// The database's.
    pub async fn lock_with_batch(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        id: PayoutSubmissionId,
    ) -> QueryResult<Option<(Self, PayoutBatch)>> {
        let submissions = payout_submissions::table.filter(payout_submissions::account_id.eq(account_id));
        let batch_id = submissions.filter(payout_submissions::id.eq(id)).select(payout_submissions::batch_id);
        let Some(batch_id) = batch_id.first(conn).await.optional()? else { return Ok(None) };
        let batch = PayoutBatch::lock_all(conn, account_id, &[batch_id]).await?.pop();
        Ok(Self::lock(conn, account_id, id).await?.zip(batch))
    }

    /// So much of a currency.
    pub fn total_money(&self, currency: Currency) -> money::Money {
        money::Money::new(self.total, currency)
    }
}

impl Attempt {
    /// The attempts of these submissions, which were found in the scope, in their order.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_submissions(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        submissions: &[PayoutSubmissionId],
    ) -> QueryResult<Vec<Self>> {
        payout_attempts::table
            .filter(payout_attempts::account_id.eq(scope.account_id))
            .filter(payout_attempts::submission_id.eq_any(submissions))
            .order((payout_attempts::submission_id, payout_attempts::number))
            .select(Self::as_select())
            .load(conn)
            .await
    }
}

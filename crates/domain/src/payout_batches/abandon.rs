use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use ids::{AccountId, PayoutSubmissionId};

use super::{
    AbandonSubmission, AttemptOutcome, PayoutBatch, PayoutSubmission, SubmissionStatus, SubmitPayouts,
    cancel::ITEMS_AT_ONCE,
};
use crate::{
    act::Act,
    audit,
    payouts::{Payout, PayoutStatus},
    schema::{payout_attempts, payout_submissions, payouts},
};

/// What a provider said of a submission that is to be paid no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abandoned {
    /// Nothing that it keeps of it can be paid any more.
    Gone,
    /// It was accepted after all.
    WasAccepted,
}

impl PayoutBatch {
    /// Cancels what a provider refused; answers whether there was any. What left a draft at the provider waits until a job
    /// has cancelled that: somebody could still have it paid there. What is large is given back by jobs too.
    pub(super) async fn abandon(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<bool> {
        let refused: Vec<PayoutSubmission> = payout_submissions::table
            .filter(payout_submissions::account_id.eq(self.account_id))
            .filter(payout_submissions::batch_id.eq(self.id))
            .filter(payout_submissions::status.eq(SubmissionStatus::Refused))
            .order(payout_submissions::id)
            .for_no_key_update()
            .select(PayoutSubmission::as_select())
            .load(conn)
            .await?;
        if refused.is_empty() {
            return Ok(false);
        }
        let ids = refused.iter().map(|submission| submission.id);
        let items: Option<i64> = payouts::table
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::submission_id.eq_any(ids).assume_not_null())
            .select(diesel::dsl::sum(payouts::items))
            .first(conn)
            .await?;
        let is_large = items.unwrap_or(0) > ITEMS_AT_ONCE;
        let (by_jobs, free): (Vec<_>, Vec<_>) =
            refused.into_iter().partition(|submission| is_large || submission.draft.is_some());
        for submission in &by_jobs {
            submission.stand(conn, SubmissionStatus::Abandoning, act).await?;
        }
        let jobs = by_jobs.iter().map(|submission| {
            let (account_id, submission_id) = (self.account_id, submission.id);
            self.job(&AbandonSubmission { account_id, submission_id }, act)
        });
        queue::enqueue(conn, act.now, &act.ids, &jobs.collect::<Vec<_>>()).await?;
        let mut after = self.clone();
        after.let_go(conn, &free, act).await?;
        audit::record(conn, act, self.account_id, "payoutBatchCancel", self.id, (Some(self), Some(&after)))
            .await?;
        Ok(true)
    }

    /// Gives back what is still to be paid of submissions that nobody pays any more.
    async fn let_go(
        &mut self,
        conn: &mut AsyncPgConnection,
        submissions: &[PayoutSubmission],
        act: &Act,
    ) -> QueryResult<()> {
        // A partner may have very many rewards.
        conn.batch_execute("SET LOCAL statement_timeout = '50s'").await?;
        for submission in submissions {
            submission.stand(conn, SubmissionStatus::Cancelled, act).await?;
        }
        let ids: Vec<PayoutSubmissionId> = submissions.iter().map(|submission| submission.id).collect();
        let range: Vec<Payout> = payouts::table
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::submission_id.eq_any(ids).assume_not_null())
            .filter(payouts::status.eq(PayoutStatus::Sending))
            .order(payouts::id)
            .for_no_key_update()
            .select(Payout::as_select())
            .load(conn)
            .await?;
        self.take_back(conn, &range, act).await?;
        self.end_if_through(conn, act).await
    }
}

impl PayoutSubmission {
    /// Cancels the payouts of a submission that is being abandoned, in the caller's transaction; or has it looked up, if it was
    /// accepted after all.
    ///
    /// # Errors
    /// The database's.
    pub async fn abandoned(
        conn: &mut AsyncPgConnection,
        (account_id, id): (AccountId, PayoutSubmissionId),
        said: Abandoned,
        act: &Act,
    ) -> QueryResult<()> {
        let locked = Self::lock_with_batch(conn, account_id, id).await?;
        let Some((submission, mut batch)) = locked else { return Ok(()) };
        match (submission.status, said) {
            (SubmissionStatus::Abandoning, Abandoned::Gone) => batch.let_go(conn, &[submission], act).await,
            (SubmissionStatus::Abandoning, Abandoned::WasAccepted) => submission.ask_again(conn, act).await,
            _ => Ok(()),
        }
    }

    /// What was thought refused is unknown again: its last attempt is looked up.
    async fn ask_again(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<()> {
        let numbers = payout_attempts::table.filter(payout_attempts::submission_id.eq(self.id));
        let last: Option<i32> =
            numbers.select(diesel::dsl::max(payout_attempts::number)).get_result(conn).await?;
        diesel::update(payout_attempts::table)
            .filter(payout_attempts::account_id.eq(self.account_id))
            .filter(payout_attempts::submission_id.eq(self.id))
            .filter(payout_attempts::number.nullable().eq(last))
            .set(payout_attempts::outcome.eq(AttemptOutcome::Unknown))
            .execute(conn)
            .await?;
        self.stand(conn, SubmissionStatus::Unknown, act).await?;
        let job = SubmitPayouts { account_id: self.account_id, submission_id: self.id };
        let job = queue::NewJob::of(&job).account(self.account_id);
        let job = job.caused_by(act.request_id.clone(), act.traceparent.clone());
        queue::enqueue(conn, act.now, &act.ids, &[job]).await.map(|_| ())
    }
}

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, FileId, PayoutAttemptId, PayoutSubmissionId};

use super::{Attempt, AttemptOutcome, PayoutSubmission, PollSubmission, SubmissionStatus};
use crate::{
    act::Act,
    payouts::Payout,
    schema::{payout_attempts, payout_submissions, payouts},
};

/// What is to be done with a submission now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask the provider to pay it: the row of the attempt stands.
    Send(PayoutSubmission, PayoutAttemptId),
    /// An earlier attempt has no answer: look up what became of it.
    LookUp(PayoutSubmission, PayoutAttemptId),
    /// Nothing: it was accepted, or is to be paid no more.
    Nothing,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The provider has it, under this name.
    Accepted {
        /// What the provider calls it.
        reference: String,
    },
    /// The provider refused all of it and paid nothing.
    Refused {
        /// What it said, without personal data.
        why: String,
    },
    /// The provider never got it: it may be sent again.
    NotSent {
        /// Why.
        why: String,
    },
    /// Nobody answered.
    Unknown {
        /// Why.
        why: String,
    },
}

impl PayoutSubmission {
    /// Says what is to be done with a submission, and writes down the attempt before it is made (I7), in a transaction of its
    /// own. An attempt whose process died is looked up, never sent again blindly.
    ///
    /// # Errors
    /// The database's.
    pub async fn next(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        id: PayoutSubmissionId,
        act: &Act,
    ) -> QueryResult<Next> {
        conn.transaction(async |conn| {
            let Some(submission) = Self::lock(conn, account_id, id).await? else { return Ok(Next::Nothing) };
            let last: Option<Attempt> = payout_attempts::table
                .filter(payout_attempts::account_id.eq(account_id))
                .filter(payout_attempts::submission_id.eq(id))
                .order(payout_attempts::number.desc())
                .select(Attempt::as_select())
                .first(conn)
                .await
                .optional()?;
            match (submission.status, &last) {
                (SubmissionStatus::InFlight | SubmissionStatus::Unknown, Some(last)) => {
                    Ok(Next::LookUp(submission, last.id))
                }
                (SubmissionStatus::Pending | SubmissionStatus::Refused, _) => {
                    let number = last.map_or(1, |last| last.number + 1);
                    let attempt = Attempt {
                        id: act.ids.next(act.now),
                        account_id,
                        submission_id: id,
                        number,
                        outcome: AttemptOutcome::InFlight,
                        error: None,
                        started_at: act.now,
                        finished_at: None,
                    };
                    diesel::insert_into(payout_attempts::table).values(&attempt).execute(conn).await?;
                    submission.stand(conn, SubmissionStatus::InFlight, act).await?;
                    Ok(Next::Send(submission, attempt.id))
                }
                _ => Ok(Next::Nothing),
            }
        })
        .await
    }

    /// Writes down what became of an attempt, in the caller's transaction. What was accepted is asked about by another job.
    ///
    /// # Errors
    /// The database's.
    pub async fn answered(
        conn: &mut AsyncPgConnection,
        (account_id, id): (AccountId, PayoutSubmissionId),
        attempt: PayoutAttemptId,
        answer: &Answer,
        act: &Act,
    ) -> QueryResult<()> {
        let submission = Self::lock(conn, account_id, id).await?.ok_or(diesel::result::Error::NotFound)?;
        if !matches!(submission.status, SubmissionStatus::InFlight | SubmissionStatus::Unknown) {
            return Ok(());
        }
        let (outcome, status, error) = match answer {
            Answer::Accepted { .. } => (AttemptOutcome::Succeeded, SubmissionStatus::Accepted, None),
            Answer::Refused { why } => (AttemptOutcome::Failed, SubmissionStatus::Refused, Some(why)),
            Answer::NotSent { why } => (AttemptOutcome::Failed, SubmissionStatus::Pending, Some(why)),
            Answer::Unknown { why } => (AttemptOutcome::Unknown, SubmissionStatus::Unknown, Some(why)),
        };
        diesel::update(payout_attempts::table.find(attempt))
            .set((
                payout_attempts::outcome.eq(outcome),
                payout_attempts::error.eq(error),
                payout_attempts::finished_at.eq(act.now),
            ))
            .execute(conn)
            .await?;
        submission.stand(conn, status, act).await?;
        if let Answer::Accepted { reference } = answer {
            diesel::update(payout_submissions::table.find(id))
                .set(payout_submissions::provider_reference.eq(reference))
                .execute(conn)
                .await?;
            let poll = PollSubmission { account_id, submission_id: id, quiet_polls: 0 };
            let poll = queue::NewJob::of(&poll).account(account_id);
            let poll = poll.caused_by(act.request_id.clone(), act.traceparent.clone());
            queue::enqueue(conn, act.now, &act.ids, &[poll]).await?;
        }
        Ok(())
    }

    /// Notes the file that was made of it, in the caller's transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn filed(&self, conn: &mut AsyncPgConnection, file_id: FileId, act: &Act) -> QueryResult<()> {
        diesel::update(payout_submissions::table.find(self.id))
            .set(payout_submissions::file_id.eq(file_id))
            .execute(conn)
            .await?;
        self.stand(conn, SubmissionStatus::Accepted, act).await
    }

    /// Its payouts, in the order of ids.
    ///
    /// # Errors
    /// The database's.
    pub async fn its_payouts(&self, conn: &mut AsyncPgConnection) -> QueryResult<Vec<Payout>> {
        payouts::table
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::submission_id.eq(self.id))
            .order(payouts::id)
            .select(Payout::as_select())
            .load(conn)
            .await
    }

    pub(super) async fn stand(
        &self,
        conn: &mut AsyncPgConnection,
        status: SubmissionStatus,
        act: &Act,
    ) -> QueryResult<()> {
        diesel::update(payout_submissions::table.find(self.id))
            .set((payout_submissions::status.eq(status), payout_submissions::updated_at.eq(act.now)))
            .execute(conn)
            .await?;
        Ok(())
    }
}

use chrono::{DateTime, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Nullable, Timestamptz},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, FileId, PayoutAttemptId, PayoutId, PayoutSubmissionId};

use super::{
    Attempt, AttemptOutcome, PayoutSubmission, PollSubmission, Settlement, SubmissionStatus, settle,
};
use crate::{
    act::Act,
    payouts::{Payout, PayoutStatus},
    schema::{payout_attempts, payout_submissions, payouts},
};

/// What is to be done with a submission now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask the provider to pay it: the row of the attempt stands.
    Send(PayoutAttemptId),
    /// An earlier attempt has no answer: look up what became of it.
    LookUp {
        /// The last attempt.
        attempt: PayoutAttemptId,
        /// When the first one began.
        first_at: DateTime<Utc>,
        /// When the last one ended without an answer; if its process died, when that was found out.
        ended_at: DateTime<Utc>,
    },
    /// Others of its payouts are on their way than those that were to be sent: look at it anew.
    Changed,
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
    /// own. An attempt whose process died is looked up, never sent again blindly. `meant` are the payouts that are to be sent, if
    /// any are: whoever comes late must not send what has ended meanwhile.
    ///
    /// # Errors
    /// The database's.
    pub async fn next(
        conn: &mut AsyncPgConnection,
        (account_id, id): (AccountId, PayoutSubmissionId),
        meant: Option<&[PayoutId]>,
        act: &Act,
    ) -> QueryResult<Next> {
        conn.transaction(async |conn| {
            // With the batch: payouts end under its lock.
            let locked = Self::lock_with_batch(conn, account_id, id).await?;
            let Some((submission, _)) = locked else { return Ok(Next::Nothing) };
            let attempts: Vec<Attempt> = payout_attempts::table
                .filter(payout_attempts::account_id.eq(account_id))
                .filter(payout_attempts::submission_id.eq(id))
                .order(payout_attempts::number)
                .select(Attempt::as_select())
                .load(conn)
                .await?;
            let attempts = attempts.as_slice();
            // What a provider has refused, or never got, says nothing of what it knows.
            let first = attempts.iter().find(|attempt| attempt.outcome != AttemptOutcome::Failed);
            match (submission.status, first, attempts.last()) {
                (SubmissionStatus::InFlight | SubmissionStatus::Unknown, Some(first), Some(last)) => {
                    let ended_at = match last.finished_at {
                        Some(at) => at,
                        None => submission.is_lost(conn, last, act).await?,
                    };
                    Ok(Next::LookUp { attempt: last.id, first_at: first.started_at, ended_at })
                }
                (SubmissionStatus::Pending | SubmissionStatus::Refused, _, last) => {
                    if let Some(meant) = meant
                        && !submission.pays(conn, meant).await?
                    {
                        return Ok(Next::Changed);
                    }
                    let number = last.map_or(1, |last| last.number + 1);
                    Ok(Next::Send(submission.attempt(conn, number, act).await?))
                }
                _ => Ok(Next::Nothing),
            }
        })
        .await
    }

    /// Notes that nobody will tell what became of an attempt: its process is gone. Answers since when.
    async fn is_lost(
        &self,
        conn: &mut AsyncPgConnection,
        attempt: &Attempt,
        act: &Act,
    ) -> QueryResult<DateTime<Utc>> {
        diesel::update(payout_attempts::table.find(attempt.id))
            .set((
                payout_attempts::outcome.eq(AttemptOutcome::Unknown),
                payout_attempts::error.eq("whoever made it has died"),
                payout_attempts::finished_at.eq(act.now),
            ))
            .execute(conn)
            .await?;
        self.stand(conn, SubmissionStatus::Unknown, act).await?;
        Ok(act.now)
    }

    /// Writes down that a look-up is about to ask the provider to pay, in a transaction of its own: until somebody tells how that
    /// ended, the attempt is on its way again. Answers whether it stands as when that was decided, ended at that time, and is of the
    /// payouts that are `meant`.
    ///
    /// # Errors
    /// The database's.
    pub async fn asks_again(
        conn: &mut AsyncPgConnection,
        (account_id, id): (AccountId, PayoutSubmissionId),
        (attempt, ended_at, meant): (PayoutAttemptId, DateTime<Utc>, &[PayoutId]),
        act: &Act,
    ) -> QueryResult<bool> {
        conn.transaction(async |conn| {
            use SubmissionStatus::{InFlight, Unknown};
            let found = Self::lock_with_batch(conn, account_id, id).await?;
            let found = found.filter(|(found, _)| matches!(found.status, InFlight | Unknown));
            let Some((submission, _)) = found else { return Ok(false) };
            let is_last = last_attempt(conn, account_id, id).await? == attempt;
            if !is_last || !submission.pays(conn, meant).await? {
                return Ok(false);
            }
            let asked = diesel::update(payout_attempts::table.find(attempt))
                .filter(payout_attempts::outcome.eq(AttemptOutcome::Unknown))
                .filter(payout_attempts::finished_at.eq(ended_at))
                .set((
                    payout_attempts::outcome.eq(AttemptOutcome::InFlight),
                    payout_attempts::error.eq(None::<String>),
                    // Clocks of two processes differ a little.
                    payout_attempts::asked_at.eq(sql::<Timestamptz>("greatest(asked_at, ")
                        .bind::<Timestamptz, _>(act.now)
                        .sql(")")),
                    payout_attempts::finished_at.eq(None::<DateTime<Utc>>),
                ))
                .execute(conn)
                .await?;
            if asked == 1 {
                submission.stand(conn, InFlight, act).await?;
            }
            Ok(asked == 1)
        })
        .await
    }

    /// Whether these are its payouts that are on their way.
    async fn pays(&self, conn: &mut AsyncPgConnection, meant: &[PayoutId]) -> QueryResult<bool> {
        let sending: Vec<PayoutId> = payouts::table
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::submission_id.eq(self.id))
            .filter(payouts::status.eq(PayoutStatus::Sending))
            .order(payouts::id)
            .select(payouts::id)
            .load(conn)
            .await?;
        let mut meant = meant.to_vec();
        meant.sort_unstable();
        Ok(sending == meant)
    }

    async fn attempt(
        &self,
        conn: &mut AsyncPgConnection,
        number: i32,
        act: &Act,
    ) -> QueryResult<PayoutAttemptId> {
        let attempt = Attempt {
            id: act.ids.next(act.now),
            account_id: self.account_id,
            submission_id: self.id,
            number,
            outcome: AttemptOutcome::InFlight,
            error: None,
            started_at: act.now,
            asked_at: act.now,
            finished_at: None,
        };
        diesel::insert_into(payout_attempts::table).values(&attempt).execute(conn).await?;
        self.stand(conn, SubmissionStatus::InFlight, act).await?;
        Ok(attempt.id)
    }

    /// Notes from which account at the provider it is paid. Answers whether it is this one: what another account has, or may
    /// have, this one knows nothing of, and would pay again.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_paid_from(
        &self,
        conn: &mut AsyncPgConnection,
        payer: &str,
        act: &Act,
    ) -> QueryResult<bool> {
        use payout_submissions as s;
        let is_free =
            s::draft.is_null().and(s::status.eq_any([SubmissionStatus::Pending, SubmissionStatus::Refused]));
        let noted = diesel::update(s::table.find(self.id))
            .filter(s::payer.is_null().or(s::payer.eq(payer).assume_not_null()).or(is_free))
            .set((s::payer.eq(payer), s::updated_at.eq(act.now)))
            .execute(conn)
            .await?;
        Ok(noted == 1)
    }

    /// Keeps what the provider made of a submission before it is asked to pay it. If somebody kept another one first, that one
    /// holds and is answered.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_draft(
        &self,
        conn: &mut AsyncPgConnection,
        draft: &str,
        act: &Act,
    ) -> QueryResult<String> {
        let kept: Option<String> = diesel::update(payout_submissions::table.find(self.id))
            .filter(payout_submissions::draft.is_null())
            .set((payout_submissions::draft.eq(draft), payout_submissions::updated_at.eq(act.now)))
            .returning(payout_submissions::draft.assume_not_null())
            .get_result(conn)
            .await
            .optional()?;
        match kept {
            Some(kept) => Ok(kept),
            None => {
                let drafts = payout_submissions::table.find(self.id);
                drafts.select(payout_submissions::draft.assume_not_null()).first(conn).await
            }
        }
    }

    /// Writes down what became of an attempt, in the caller's transaction; answers whether it says where the submission stands.
    /// What was accepted is asked about by another job.
    ///
    /// # Errors
    /// The database's.
    pub async fn answered(
        conn: &mut AsyncPgConnection,
        (account_id, id): (AccountId, PayoutSubmissionId),
        attempt: PayoutAttemptId,
        answer: &Answer,
        act: &Act,
    ) -> QueryResult<bool> {
        let submission = Self::lock(conn, account_id, id).await?.ok_or(diesel::result::Error::NotFound)?;
        let (outcome, status, error) = match answer {
            Answer::Accepted { .. } => (AttemptOutcome::Succeeded, SubmissionStatus::Accepted, None),
            Answer::Refused { why } => (AttemptOutcome::Failed, SubmissionStatus::Refused, Some(why)),
            Answer::NotSent { why } => (AttemptOutcome::Failed, SubmissionStatus::Pending, Some(why)),
            Answer::Unknown { why } => (AttemptOutcome::Unknown, SubmissionStatus::Unknown, Some(why)),
        };
        diesel::update(payout_attempts::table.find(attempt))
            .filter(payout_attempts::outcome.eq_any([AttemptOutcome::InFlight, AttemptOutcome::Unknown]))
            .set((
                payout_attempts::outcome.eq(outcome),
                payout_attempts::error.eq(error),
                // What is looked up in vain has ended before.
                payout_attempts::finished_at.eq(sql::<Nullable<Timestamptz>>("coalesce(finished_at, ")
                    .bind::<Timestamptz, _>(act.now)
                    .sql(")")),
            ))
            .execute(conn)
            .await?;
        let last = last_attempt(conn, account_id, id).await?;
        use SubmissionStatus::{Abandoning, InFlight, Pending, Refused, Unknown};
        // A worker that comes late, when another has made an attempt since, tells nothing of that one; only that the provider has
        // the submission holds of all, whatever another worker was told.
        let tells = match answer {
            Answer::Accepted { .. } => {
                matches!(submission.status, Pending | InFlight | Unknown | Refused | Abandoning)
            }
            _ => last == attempt && matches!(submission.status, InFlight | Unknown),
        };
        if !tells {
            return Ok(false);
        }
        submission.stand(conn, status, act).await?;
        if let Answer::Accepted { reference } = answer {
            diesel::update(payout_submissions::table.find(id))
                .set(payout_submissions::provider_reference.eq(reference))
                .execute(conn)
                .await?;
            let poll = PollSubmission { account_id, submission_id: id, quiet: 0, told: false };
            let poll = queue::NewJob::of(&poll).account(account_id);
            let poll = poll.caused_by(act.request_id.clone(), act.traceparent.clone());
            queue::enqueue(conn, act.now, &act.ids, &[poll]).await?;
        }
        Ok(true)
    }

    /// Fails the payout that a provider blames for its refusal of an attempt, in a transaction of its own, if the refusal still
    /// holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn fail_blamed(
        conn: &mut AsyncPgConnection,
        (account_id, id): (AccountId, PayoutSubmissionId),
        attempt: PayoutAttemptId,
        blamed: Settlement,
        act: &Act,
    ) -> QueryResult<()> {
        conn.transaction(async |conn| {
            let locked = Self::lock_with_batch(conn, account_id, id).await?;
            let refused = locked.filter(|(one, _)| one.status == SubmissionStatus::Refused);
            if refused.is_some() && last_attempt(conn, account_id, id).await? == attempt {
                settle(conn, account_id, &[blamed], act).await?;
            }
            Ok(())
        })
        .await
    }

    /// Notes the file that was made of it, in the caller's transaction. A list of what is paid by hand comes behind the rest.
    ///
    /// # Errors
    /// The database's.
    pub async fn filed(&self, conn: &mut AsyncPgConnection, file_id: FileId, act: &Act) -> QueryResult<()> {
        diesel::update(payout_submissions::table.find(self.id))
            .set(payout_submissions::file_id.eq(file_id))
            .execute(conn)
            .await?;
        match self.status {
            SubmissionStatus::Pending | SubmissionStatus::Refused => {
                self.stand(conn, SubmissionStatus::Accepted, act).await
            }
            _ => Ok(()),
        }
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

async fn last_attempt(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    submission_id: PayoutSubmissionId,
) -> QueryResult<PayoutAttemptId> {
    payout_attempts::table
        .filter(payout_attempts::account_id.eq(account_id))
        .filter(payout_attempts::submission_id.eq(submission_id))
        .order(payout_attempts::number.desc())
        .select(payout_attempts::id)
        .first(conn)
        .await
}

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{
    clock::Clock,
    db::Db,
    payout_batches::{
        Answer, Next, PayoutSubmission, Settlement, SubmissionStatus, SubmitPayouts, Verdict, settle,
    },
};
use ids::{IdSource, PayoutAttemptId, PayoutId};
use payout_providers::{Draft, LookUpError, Provider, Refusal, Submission, SubmitError, Tried};
use vault::Vault;

use super::{
    loaded::{Loaded, load},
    payments::{NotKnown, Payments},
    plain::{plain, plain_code},
    providers::Providers,
    said::{no_answer, not_sent, of_look_up},
};
use crate::{
    handler::{Call, Claimed, Failure},
    progress::Progress,
};

/// How often one run goes round: drop what cannot be paid, look up an earlier attempt, ask.
const ROUNDS: usize = 4;
/// How many payments one run gives up because the provider blames them, one after the other. A provider that blames more of
/// them has a reason that is not theirs: a person must look.
const MOST_BLAMED: usize = 10;

/// Has a provider pay a submission: once, whatever happens to this process or to its calls. The attempt is written down before
/// the call; one that has no answer is looked up before there is another.
pub struct SubmitHandler {
    /// The pool.
    pub db: Db,
    /// Tells when attempts began.
    pub clock: Clock,
    /// Where new ids come from.
    pub ids: IdSource,
    /// Opens payout details.
    pub vault: Option<Arc<Vault>>,
    /// Who pays.
    pub providers: Providers,
}

/// An attempt with its answer; none if there was nothing to do.
pub type Submitted = Option<(PayoutAttemptId, Answer)>;

/// What a round came to.
enum Round {
    End(Submitted),
    Again,
    /// One payment was given up; the others go on.
    Without,
}

/// A job's submission, ready to be paid.
struct Ready<'a> {
    job: &'a Claimed<SubmitPayouts>,
    provider: &'a dyn Provider,
    submission: Submission,
    draft: Draft,
    may_blame: bool,
}

impl SubmitHandler {
    async fn run(
        &self,
        job: &Claimed<SubmitPayouts>,
        progress: &Progress<Submitted>,
    ) -> Result<Submitted, Failure> {
        let (mut rounds, mut blamed) = (0, 0);
        while rounds < ROUNDS {
            if progress.is_stopping() {
                return Err(Failure::NotBegun);
            }
            match self.round(job, blamed < MOST_BLAMED).await? {
                Round::End(end) => return Ok(end),
                Round::Again => rounds += 1,
                Round::Without => blamed += 1,
            }
        }
        Err(Failure::Retry("the provider says now this, now that".to_owned()))
    }

    async fn round(&self, job: &Claimed<SubmitPayouts>, may_blame: bool) -> Result<Round, Failure> {
        let (account_id, id) = (job.args.account_id, job.args.submission_id);
        let Some(Loaded { submission, batch }) = load(&self.db, account_id, id).await? else {
            return Ok(Round::End(None));
        };
        use SubmissionStatus::{InFlight, Pending, Refused, Unknown};
        if !matches!(submission.status, Pending | Refused | InFlight | Unknown) {
            return Ok(Round::End(None));
        }
        let was_sent = matches!(submission.status, InFlight | Unknown);
        let Some(provider) = self.providers.of(batch.rail) else {
            return self.not_possible(job, was_sent, &format!("{} is not configured", batch.rail)).await;
        };
        if !was_sent && !self.providers.pay_for(account_id) {
            let why = format!("{} of this instance does not pay for this account", batch.rail);
            return self.not_possible(job, was_sent, &why).await;
        }
        let payer = provider.account();
        let act = job.circumstances(self.clock.now(), &self.ids);
        if !submission.is_paid_from(&mut *self.db.get().await?, &payer, &act).await? {
            let why =
                format!("it was begun by another account of {}: that one alone knows of it", batch.rail);
            return self.not_possible(job, was_sent, &why).await;
        }
        let vault = self.vault.as_deref();
        let payments = {
            let mut conn = self.db.get().await?;
            Payments::load(&mut conn, vault, (&submission, &batch)).await
        };
        let payments = match payments {
            Ok(payments) => payments,
            Err(NotKnown::Database(error)) => return Err(error.into()),
            Err(error) => return self.not_possible(job, was_sent, &error.to_string()).await,
        };
        // Before anything was sent: from then on the payments stay the same.
        if !was_sent && !payments.unpayable.is_empty() {
            self.fail_unpayable(job, &payments).await?;
            return Ok(Round::Again);
        }
        if let Some(unpayable) = payments.unpayable.first() {
            // Never a part of what may have been sent under the same reference.
            let why = format!("{} cannot be paid any more, and may have been sent", unpayable.payout_id);
            return self.not_possible(job, was_sent, &why).await;
        }
        let Some(to_pay) = payments.submission else { return Ok(Round::End(None)) };
        let provider = provider.as_ref();
        let draft = match &submission.draft {
            Some(draft) => Draft(draft.clone()),
            None => match provider.prepare(&to_pay).await {
                Ok(draft) => Draft(self.keep(job, &submission, &draft).await?),
                Err(SubmitError::Refused(refusal)) => {
                    return self.not_possible(job, was_sent, &refusal.to_string()).await;
                }
                Err(error) => return Err(not_sent(&error)),
            },
        };
        self.ask(Ready { job, provider, submission: to_pay, draft, may_blame }).await
    }

    /// Asks the provider to pay, or what became of an earlier time.
    async fn ask(&self, ready: Ready<'_>) -> Result<Round, Failure> {
        let Ready { job, provider, submission, draft, .. } = &ready;
        let meant = meant(submission);
        match self.next(job, meant.as_deref()).await? {
            Next::Nothing => Ok(Round::End(None)),
            Next::Changed => Ok(Round::Again),
            Next::Send(attempt) => match provider.submit(submission, draft).await {
                Ok(paid) => Ok(Round::End(Some((attempt, Answer::Accepted { reference: paid.provider_id })))),
                Err(SubmitError::Refused(refusal)) => self.refused(&ready, attempt, &refusal).await,
                Err(error @ SubmitError::NotSent { .. }) => {
                    self.note(job, attempt, Answer::NotSent { why: plain(&error.to_string()) }).await?;
                    Err(not_sent(&error))
                }
                Err(error) => {
                    self.note(job, attempt, Answer::Unknown { why: plain(&error.to_string()) }).await?;
                    match error {
                        SubmitError::Duplicate => Ok(Round::Again),
                        error => Err(not_sent(&error)),
                    }
                }
            },
            Next::LookUp { attempt, first_at, ended_at } => {
                let now = self.clock.now();
                let ago = |at: DateTime<Utc>| (now - at).to_std().unwrap_or_default();
                let tried = Tried { first_ago: ago(first_at), last_ago: ago(ended_at) };
                self.look_up(&ready, (attempt, ended_at), tried).await
            }
        }
    }

    /// Asks what became of an attempt.
    async fn look_up(
        &self,
        ready: &Ready<'_>,
        (attempt, ended_at): (PayoutAttemptId, DateTime<Utc>),
        tried: Tried,
    ) -> Result<Round, Failure> {
        let Ready { job, provider, submission, draft, .. } = ready;
        if provider.pays_by_looking_up(tried) {
            let meant = meant(submission).unwrap_or_default();
            if !self.asks_again(job, (attempt, ended_at, &meant)).await? {
                return Ok(Round::Again);
            }
        }
        match provider.look_up(submission, draft, tried).await {
            Ok(Some(paid)) => {
                Ok(Round::End(Some((attempt, Answer::Accepted { reference: paid.provider_id }))))
            }
            Ok(None) => {
                let why = "looked up: it never arrived".to_owned();
                self.note(job, attempt, Answer::NotSent { why }).await?;
                Ok(Round::Again)
            }
            Err(error) => self.still_unknown(job, attempt, &error).await,
        }
    }

    /// What is refused for the sake of one payment goes on without it: that one fails. What is refused as a whole waits for a
    /// person.
    async fn refused(
        &self,
        ready: &Ready<'_>,
        attempt: PayoutAttemptId,
        refusal: &Refusal,
    ) -> Result<Round, Failure> {
        let answer = Answer::Refused { why: plain(&refusal.to_string()) };
        let blamed = refusal.payment.as_ref().filter(|_| ready.may_blame);
        let blamed = blamed.and_then(|payment| payment.as_str().parse().ok());
        let Some(payout_id) = blamed else { return Ok(Round::End(Some((attempt, answer)))) };
        let verdict = Verdict::Failed { code: plain_code(&refusal.code), reason: plain(&refusal.reason) };
        // The answer first and alone: forgotten, it could only be looked up, and PayPal would refuse that too. A process that dies
        // behind it asks again, and hears the same.
        if let Err(error) = self.note(ready.job, attempt, answer.clone()).await {
            tracing::warn!(?error, "a refusal was not noted; it is recorded as the end of the job");
            return Ok(Round::End(Some((attempt, answer))));
        }
        let act = ready.job.circumstances(self.clock.now(), &self.ids);
        let of = (ready.job.args.account_id, ready.job.args.submission_id);
        let blamed = Settlement { payout_id, verdict };
        PayoutSubmission::fail_blamed(&mut *self.db.get().await?, of, attempt, blamed, &act).await?;
        Ok(Round::Without)
    }

    async fn still_unknown(
        &self,
        job: &Claimed<SubmitPayouts>,
        attempt: PayoutAttemptId,
        error: &LookUpError,
    ) -> Result<Round, Failure> {
        // That nobody was asked is no news: what the attempt itself was told says more.
        if !matches!(error, LookUpError::TooEarly { .. }) {
            self.note(job, attempt, Answer::Unknown { why: plain(&error.to_string()) }).await?;
        }
        Err(of_look_up(error))
    }

    /// It cannot be paid as things are. What was never sent is refused, so that people see why; what may have been waits.
    async fn not_possible(
        &self,
        job: &Claimed<SubmitPayouts>,
        was_sent: bool,
        why: &str,
    ) -> Result<Round, Failure> {
        let why = plain(why);
        if was_sent {
            return Err(Failure::Retry(why));
        }
        match self.next(job, None).await? {
            Next::Send(attempt) => Ok(Round::End(Some((attempt, Answer::Refused { why })))),
            Next::LookUp { .. } => Err(no_answer(&why)),
            Next::Changed | Next::Nothing => Ok(Round::End(None)),
        }
    }

    /// Writes down the attempt that is about to be made, and commits it.
    async fn next(&self, job: &Claimed<SubmitPayouts>, meant: Option<&[PayoutId]>) -> Result<Next, Failure> {
        let act = job.circumstances(self.clock.now(), &self.ids);
        let of = (job.args.account_id, job.args.submission_id);
        Ok(PayoutSubmission::next(&mut *self.db.get().await?, of, meant, &act).await?)
    }

    /// Writes down that an attempt is about to be made once more, and commits it.
    async fn asks_again(
        &self,
        job: &Claimed<SubmitPayouts>,
        what: (PayoutAttemptId, DateTime<Utc>, &[PayoutId]),
    ) -> Result<bool, Failure> {
        let act = job.circumstances(self.clock.now(), &self.ids);
        let of = (job.args.account_id, job.args.submission_id);
        let conn = &mut *self.db.get().await?;
        Ok(PayoutSubmission::asks_again(conn, of, what, &act).await?)
    }

    async fn keep(
        &self,
        job: &Claimed<SubmitPayouts>,
        submission: &PayoutSubmission,
        draft: &Draft,
    ) -> Result<String, Failure> {
        let act = job.circumstances(self.clock.now(), &self.ids);
        Ok(submission.keep_draft(&mut *self.db.get().await?, &draft.0, &act).await?)
    }

    async fn fail_unpayable(&self, job: &Claimed<SubmitPayouts>, payments: &Payments) -> Result<(), Failure> {
        let act = job.circumstances(self.clock.now(), &self.ids);
        let (account_id, conn) = (job.args.account_id, &mut *self.db.get().await?);
        let settled =
            conn.transaction(async |conn| settle(conn, account_id, &payments.unpayable, &act).await);
        settled.await?;
        Ok(())
    }

    /// Records an answer after which the job goes on or is tried again.
    async fn note(
        &self,
        job: &Claimed<SubmitPayouts>,
        attempt: PayoutAttemptId,
        answer: Answer,
    ) -> Result<(), Failure> {
        let act = job.circumstances(self.clock.now(), &self.ids);
        let of = (job.args.account_id, job.args.submission_id);
        let conn = &mut *self.db.get().await?;
        let noted =
            conn.transaction(async |conn| PayoutSubmission::answered(conn, of, attempt, &answer, &act).await);
        noted.await?;
        Ok(())
    }
}

/// The payouts that are to be sent.
fn meant(submission: &Submission) -> Option<Vec<PayoutId>> {
    submission.payments().iter().map(|payment| payment.reference.as_str().parse().ok()).collect()
}

impl Call for SubmitHandler {
    type Job = SubmitPayouts;
    type Outcome = Submitted;

    async fn call(&self, jobs: &[Claimed<SubmitPayouts>], progress: &Progress<Submitted>) {
        for (place, job) in jobs.iter().enumerate() {
            progress.ended(place, self.run(job, progress).await);
        }
    }

    async fn record(
        &self,
        conn: &mut AsyncPgConnection,
        ends: &[(&Claimed<SubmitPayouts>, &Submitted)],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for (job, submitted) in ends {
            let Some((attempt, answer)) = submitted else { continue };
            let of = (job.args.account_id, job.args.submission_id);
            let act = job.circumstances(now, &self.ids);
            PayoutSubmission::answered(conn, of, *attempt, answer, &act).await?;
        }
        Ok(())
    }
}

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    clock::Clock,
    db::Db,
    payout_batches::{Attempt, PollSubmission, Settlement, SubmissionStatus, Verdict, settle},
    payouts::{Payout, PayoutStatus},
    scope::AccountScope,
};
use ids::{IdSource, PayoutId};
use payout_providers::{PaymentState, Progress as Told, Submitted};
use queue::NewJob;

use super::{
    loaded::{Loaded, load},
    payments::Payments,
    plain::{plain, plain_code},
    providers::Providers,
    said::of_poll,
};
use crate::{
    handler::{Call, Claimed, Failure},
    progress::Progress,
};

/// The first pause, which doubles while there is no news, and the longest while something is pending.
const FIRST_PAUSE_SECS: i64 = 10;
const LONGEST_PAUSE_SECS: i64 = 3_600;
/// How often it is asked whether what was paid came back.
const PAUSE_WHEN_PAID: TimeDelta = TimeDelta::days(1);
/// PayPal gives back after 30 days what nobody claims; nothing of a submission changes later than this.
const MOST_DAYS: TimeDelta = TimeDelta::days(35);

/// Asks a provider what became of a submission's payouts, and settles them. It goes on by itself, with growing pauses, until
/// each has ended, and then once a day while money may still come back.
pub struct PollHandler {
    /// The pool.
    pub db: Db,
    /// Tells how old a submission is.
    pub clock: Clock,
    /// Where new ids come from.
    pub ids: IdSource,
    /// Who is asked.
    pub providers: Providers,
}

/// What there is to record of a submission.
#[derive(Debug, Default)]
pub struct News {
    settlements: Vec<Settlement>,
    /// After which pause it is asked again.
    again: Option<TimeDelta>,
}

impl PollHandler {
    async fn run(&self, job: &Claimed<PollSubmission>) -> Result<News, Failure> {
        let (account_id, id) = (job.args.account_id, job.args.submission_id);
        let Some(Loaded { submission, batch }) = load(&self.db, account_id, id).await? else {
            return Ok(News::default());
        };
        use SubmissionStatus::{Accepted, Done};
        let reference = submission.provider_reference.clone();
        let (Accepted | Done, Some(provider_id)) = (submission.status, reference) else {
            return Ok(News::default());
        };
        let provider = self.providers.of(batch.rail);
        let provider = provider.ok_or_else(|| Failure::Retry(format!("{} is not configured", batch.rail)))?;
        let (payouts, accepted_at) = {
            let mut conn = self.db.get().await?;
            let scope = AccountScope::whole(account_id);
            let attempts = Attempt::of_submissions(&mut conn, &scope, &[id]).await?;
            let accepted_at = attempts.last().map(|attempt| attempt.asked_at);
            (submission.its_payouts(&mut conn).await?, accepted_at)
        };
        let open: Vec<Payout> = payouts.into_iter().filter(may_change).collect();
        if open.is_empty() {
            return Ok(News::default());
        }
        let asked = Payments::asked_about(&submission, &batch, &open);
        let asked = asked.map_err(|error| Failure::Abort(error.to_string()))?;
        let told = provider.poll(&asked, &Submitted { provider_id }).await;
        let told = told.map_err(|error| of_poll(&error))?;
        let settlements = settlements(&open, &told);
        let age = self.clock.now() - accepted_at.unwrap_or(submission.created_at);
        let again = pause(&open, &settlements, job.args.quiet, age)?;
        // News that came early has a waiting run beside it, which goes on by itself.
        Ok(News { settlements, again: again.filter(|_| !job.args.told) })
    }
}

/// Whether the provider may have news of it.
fn may_change(payout: &Payout) -> bool {
    matches!(payout.status, PayoutStatus::Sending | PayoutStatus::Paid)
}

/// What ended or came back since.
fn settlements(open: &[Payout], told: &Told) -> Vec<Settlement> {
    let by_name: HashMap<String, &Payout> =
        open.iter().map(|payout| (payout.id.to_string(), payout)).collect();
    let references: Vec<_> = by_name.keys().filter_map(|name| name.parse().ok()).collect();
    let mut settlements: Vec<Settlement> = told
        .of(&references)
        .into_iter()
        .filter_map(|report| {
            let payout = by_name.get(report.payment.as_str())?;
            let verdict = verdict(report.state)?;
            let is_news = payout.status == PayoutStatus::Sending || matches!(verdict, Verdict::Failed { .. });
            is_news.then_some(Settlement { payout_id: payout.id, verdict })
        })
        .collect();
    settlements.sort_unstable_by_key(|one| one.payout_id);
    settlements
}

fn verdict(state: PaymentState) -> Option<Verdict> {
    match state {
        PaymentState::Pending { .. } => None,
        PaymentState::Paid { provider_reference, fee } => {
            Some(Verdict::Paid { reference: Some(provider_reference), fee })
        }
        PaymentState::Failed { code, reason, .. } | PaymentState::Returned { code, reason, .. } => {
            Some(Verdict::Failed { code: plain_code(&code), reason: plain(&reason) })
        }
    }
}

/// When to ask again; never if nothing can change any more. What is pending for too long needs a person.
fn pause(
    open: &[Payout],
    news: &[Settlement],
    quiet: u32,
    age: TimeDelta,
) -> Result<Option<TimeDelta>, Failure> {
    let told: HashMap<PayoutId, &Verdict> = news.iter().map(|one| (one.payout_id, &one.verdict)).collect();
    let is_pending =
        |payout: &Payout| payout.status == PayoutStatus::Sending && !told.contains_key(&payout.id);
    let is_paid = |payout: &Payout| match told.get(&payout.id) {
        Some(verdict) => matches!(verdict, Verdict::Paid { .. }),
        None => payout.status == PayoutStatus::Paid,
    };
    let is_old = age > MOST_DAYS;
    match (open.iter().any(is_pending), open.iter().any(is_paid)) {
        (true, _) if is_old && news.is_empty() => {
            Err(Failure::Abort(format!("pending for {} days: ask the provider", age.num_days())))
        }
        (true, _) => {
            let growing = FIRST_PAUSE_SECS.saturating_mul(1 << quiet.min(16));
            Ok(Some(TimeDelta::seconds(growing.min(LONGEST_PAUSE_SECS))))
        }
        (false, true) if !is_old => Ok(Some(PAUSE_WHEN_PAID)),
        (false, _) => Ok(None),
    }
}

impl Call for PollHandler {
    type Job = PollSubmission;
    type Outcome = News;

    async fn call(&self, jobs: &[Claimed<PollSubmission>], progress: &Progress<News>) {
        for (place, job) in jobs.iter().enumerate() {
            let end = match progress.is_stopping() {
                true => Err(Failure::NotBegun),
                false => self.run(job).await,
            };
            progress.ended(place, end);
        }
    }

    async fn record(
        &self,
        conn: &mut AsyncPgConnection,
        ends: &[(&Claimed<PollSubmission>, &News)],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for (job, news) in ends {
            let (act, account_id) = (job.circumstances(now, &self.ids), job.args.account_id);
            let changed = settle(conn, account_id, &news.settlements, &act).await?;
            if let Some(pause) = news.again {
                let quiet = if changed.is_empty() { job.args.quiet.saturating_add(1) } else { 0 };
                let next = NewJob::of(&PollSubmission { quiet, ..job.args.clone() }).account(account_id);
                let next =
                    next.run_at(now + pause).caused_by(act.request_id.clone(), act.traceparent.clone());
                queue::enqueue(conn, now, &self.ids, &[next]).await?;
            }
        }
        Ok(())
    }
}

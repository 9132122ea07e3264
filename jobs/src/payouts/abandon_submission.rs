use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    db::Db,
    payout_batches::{AbandonSubmission, Abandoned, PayoutSubmission, SubmissionStatus},
};
use ids::IdSource;
use payout_providers::{Draft, SubmitError};

use super::{
    loaded::{Loaded, load},
    plain::plain,
    providers::Providers,
    said::not_sent,
};
use crate::{
    handler::{Call, Claimed, Failure},
    progress::Progress,
};

/// Has a provider cancel what it made of a submission that it refused: only then may its money go elsewhere.
pub struct AbandonSubmissionHandler {
    /// The pool.
    pub db: Db,
    /// Where new ids come from.
    pub ids: IdSource,
    /// Who was to pay.
    pub providers: Providers,
}

impl AbandonSubmissionHandler {
    /// `None` if there is nothing to abandon any more.
    async fn run(&self, job: &Claimed<AbandonSubmission>) -> Result<Option<Abandoned>, Failure> {
        let loaded = load(&self.db, job.args.account_id, job.args.submission_id).await?;
        let Some(Loaded { submission, batch }) = loaded else { return Ok(None) };
        if submission.status != SubmissionStatus::Abandoning {
            return Ok(None);
        }
        let Some(draft) = submission.draft else { return Ok(Some(Abandoned::Gone)) };
        let provider = self.providers.of(batch.rail);
        let provider = provider.ok_or_else(|| Failure::Retry(format!("{} is not configured", batch.rail)))?;
        if submission.payer.is_some_and(|payer| payer != provider.account()) {
            let why =
                format!("it was begun by another account of {}: that one alone knows of it", batch.rail);
            return Err(Failure::Retry(why));
        }
        match provider.abandon(&Draft(draft)).await {
            Ok(()) => Ok(Some(Abandoned::Gone)),
            Err(SubmitError::Duplicate) => Ok(Some(Abandoned::WasAccepted)),
            Err(SubmitError::Refused(refusal)) => Err(Failure::Retry(plain(&refusal.to_string()))),
            Err(error) => Err(not_sent(&error)),
        }
    }
}

impl Call for AbandonSubmissionHandler {
    type Job = AbandonSubmission;
    type Outcome = Option<Abandoned>;

    async fn call(&self, jobs: &[Claimed<AbandonSubmission>], progress: &Progress<Option<Abandoned>>) {
        for (place, job) in jobs.iter().enumerate() {
            progress.ended(place, self.run(job).await);
        }
    }

    async fn record(
        &self,
        conn: &mut AsyncPgConnection,
        ends: &[(&Claimed<AbandonSubmission>, &Option<Abandoned>)],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for (job, said) in ends {
            let Some(said) = said else { continue };
            let (of, act) =
                ((job.args.account_id, job.args.submission_id), job.circumstances(now, &self.ids));
            PayoutSubmission::abandoned(conn, of, *said, &act).await?;
        }
        Ok(())
    }
}
